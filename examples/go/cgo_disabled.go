// SPDX-License-Identifier: MIT

//go:build !cgo

package animaldetect

// Without cgo only this file is compiled, and its error says what is missing.
var _ = this_package_needs_CGO_ENABLED_1_and_a_C_compiler
