/* SPDX-License-Identifier: MIT */
/** @file
 * The export macro.
 */
#ifndef ANIMALDETECT_EXPORT_H
#define ANIMALDETECT_EXPORT_H

/** Marks what the library exports. Nothing for a host to define or use. */
#if defined(ANIMALDETECT_BUILD) && (defined(__GNUC__) || defined(__clang__))
#define ANIMALDETECT_API __attribute__((visibility("default")))
#else
#define ANIMALDETECT_API
#endif

#endif
