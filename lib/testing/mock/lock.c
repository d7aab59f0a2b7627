/* SPDX-License-Identifier: MIT */
/*
 * The mock's lock, and the error message of the last refused call.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "testing/mock/internal.h"

int32_t mock_refuse(animaldetect_mock *mock, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(mock->message, sizeof mock->message, format, arguments);
    va_end(arguments);
    return ANIMALDETECT_E_INVALID_ARGUMENT;
}

/* The lock of a mock is not part of its const state. */
pthread_mutex_t *mock_lock_of(const animaldetect_mock *mock)
{
    return &((animaldetect_mock *)(uintptr_t)mock)->lock;
}
