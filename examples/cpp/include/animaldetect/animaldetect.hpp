// SPDX-License-Identifier: MIT
//
// libanimaldetect for C++17: headers over the C library. Client and Job own their handles and can be moved, not copied;
// a Result is shared and may be copied. Every failure is an Error. What the library is given to call or to read lives
// until the library releases it: with its job or client, or when another takes its place.
//
// Threads are as in C: any thread may call, one call is in flight per job, and moving or destroying an object must not
// race with its use. A Client must outlive its jobs' calls, not the jobs.
//
// Coroutines are in <animaldetect/await.hpp> (C++20), the service in memory for tests in <animaldetect/mock.hpp>.
#ifndef ANIMALDETECT_HPP
#define ANIMALDETECT_HPP

#include <animaldetect/cpp/client.hpp>
#include <animaldetect/cpp/job.hpp>
#include <animaldetect/cpp/result.hpp>

#endif
