// SPDX-License-Identifier: MIT
//
// What every failure throws, and the small conversions between C and C++ that all the other headers use.
#ifndef ANIMALDETECT_CPP_ERROR_HPP
#define ANIMALDETECT_CPP_ERROR_HPP

#include <animaldetect/cpp/values.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace animaldetect {

// Why a call failed. what() is one line that lets a person act; no key is in it.
class Error : public std::runtime_error {
public:
    Error(std::int32_t code, const std::string &words)
        : std::runtime_error(words.empty() ? animaldetect_status_text(code) : words), status(static_cast<Status>(code))
    {
    }

    Status status;
    Step step = Step::none;
    Stage stage = Stage::new_;
    int http_status = 0;
    int attempts = 0;
    std::optional<std::string> service_code;
    std::optional<std::string> service_message;
    std::optional<std::string> request_id;
    std::optional<std::string> job_id;
    std::optional<milliseconds> retry_after;

    // Such as "ANIMALDETECT_E_CONFLICT".
    [[nodiscard]] const char *name() const noexcept
    {
        return animaldetect_status_name(static_cast<std::int32_t>(status));
    }
    // Whether the same call may succeed later, unchanged.
    [[nodiscard]] bool is_retriable() const noexcept
    {
        return animaldetect_status_is_retriable(static_cast<std::int32_t>(status)) != 0;
    }
    // Whose matter it is: what a program may decide by.
    [[nodiscard]] Scope scope() const noexcept
    {
        return static_cast<Scope>(animaldetect_status_scope(static_cast<std::int32_t>(status)));
    }
};

namespace detail {

// Whether a program that was compiled with one version of the headers runs with another version of the library: a later
// one of the same major, before 1.0 of the same minor.
constexpr bool fits(std::int32_t loaded, std::int32_t compiled)
{
    return loaded >= compiled && loaded >> 16 == compiled >> 16 && (compiled >> 16 > 0 || loaded >> 8 == compiled >> 8);
}

// Before anything is made with the library: throws Status::unsupported when it does not fit these headers.
inline void require_fitting_library()
{
    if (!fits(animaldetect_version_number(), ANIMALDETECT_VERSION_NUMBER))
        throw Error(ANIMALDETECT_E_UNSUPPORTED, std::string("libanimaldetect ") + animaldetect_version() +
                                                    " is loaded, and this program was compiled with " +
                                                    ANIMALDETECT_VERSION);
}

inline std::optional<std::string> copied(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

inline std::optional<std::string_view> viewed(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
}

// A text with a NUL inside would be cut.
inline const char *whole(const std::string &text)
{
    if (text.find('\0') != std::string::npos)
        throw Error(ANIMALDETECT_E_INVALID_ARGUMENT, "a text has a NUL inside");
    return text.c_str();
}

// Milliseconds for C, where -1 is no limit.
inline std::int64_t limit(std::optional<milliseconds> time)
{
    return time ? static_cast<std::int64_t>(time->count()) : -1;
}

template <auto free_it> struct Freed {
    template <class Handle> void operator()(Handle *handle) const noexcept { free_it(handle); }
};

// For what the library was given as `new Kept`.
template <class Kept> void release(void *user) noexcept
{
    delete static_cast<Kept *>(user);
}

inline std::optional<std::string> sized(const char *text, std::size_t size)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(std::in_place, text, size);
}

template <class Number, class Handle, class Getter> std::optional<Number> number(Getter getter, const Handle *handle)
{
    Number value{};
    return getter(handle, &value) == ANIMALDETECT_OK ? std::optional<Number>(value) : std::nullopt;
}

} // namespace detail

} // namespace animaldetect

#endif
