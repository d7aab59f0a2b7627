// SPDX-License-Identifier: MIT
//
// What the service found in an image: shared, so that copies are cheap and outlive job and client.
#ifndef ANIMALDETECT_CPP_RESULT_HPP
#define ANIMALDETECT_CPP_RESULT_HPP

#include <animaldetect/cpp/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace animaldetect {

// What a result or a detection has several of. An element is made when it is looked at, and keeps the result alive.
template <class Element> class Range {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag; // it has no element to refer to
        using value_type = Element;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Element;

        Element operator*() const { return (*range_)[index_]; }
        iterator &operator++()
        {
            index_++;
            return *this;
        }
        iterator operator++(int)
        {
            iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const iterator &other) const { return index_ == other.index_; }
        bool operator!=(const iterator &other) const { return index_ != other.index_; }

    private:
        friend class Range;
        iterator(const Range *range, std::size_t index) : range_(range), index_(index) {}
        const Range *range_;
        std::size_t index_;
    };

    // How many there are.
    [[nodiscard]] std::size_t size() const { return size_; }
    // Whether there is none.
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] Element operator[](std::size_t index) const { return Element(result_, Element::at(of_, index)); }
    // The first.
    [[nodiscard]] iterator begin() const & { return iterator(this, 0); }
    // Past the last.
    [[nodiscard]] iterator end() const & { return iterator(this, size_); }
    iterator begin() const && = delete; // of a range that is gone
    iterator end() const && = delete;

private:
    friend class Detection;
    friend class Result;
    Range(std::shared_ptr<animaldetect_result> result, const typename Element::Parent *of, std::size_t size)
        : result_(std::move(result)), of_(of), size_(size)
    {
    }
    std::shared_ptr<animaldetect_result> result_;
    const typename Element::Parent *of_;
    std::size_t size_;
};

struct Box { // fractions of the image, origin top left
    double x, y, width, height;
};

// A view of text that a Result, Detection or Candidate returns lives as long as any copy of the Result. A temporary
// gives none: name the object first.
class Candidate {
public:
    // What it is, such as a species.
    [[nodiscard]] std::optional<std::string_view> label() const &
    {
        return detail::viewed(animaldetect_candidate_label(view_));
    }
    std::optional<std::string_view> label() const && = delete;
    // How sure the service is, 0 to 1.
    [[nodiscard]] std::optional<double> score() const
    {
        return detail::number<double>(animaldetect_candidate_score, view_);
    }
    // Its name at a rank.
    [[nodiscard]] std::optional<std::string_view> taxonomy(Rank rank) const &
    {
        return detail::viewed(animaldetect_candidate_taxonomy(view_, static_cast<std::int32_t>(rank)));
    }
    std::optional<std::string_view> taxonomy(Rank) const && = delete;

private:
    template <class> friend class Range;
    using Parent = animaldetect_detection;
    static const animaldetect_candidate *at(const Parent *of, std::size_t index)
    {
        return animaldetect_detection_candidate(of, index);
    }
    Candidate(std::shared_ptr<animaldetect_result> result, const animaldetect_candidate *view)
        : result_(std::move(result)), view_(view)
    {
    }
    std::shared_ptr<animaldetect_result> result_;
    const animaldetect_candidate *view_;
};

class Detection {
public:
    // The service's id.
    [[nodiscard]] std::optional<std::int64_t> id() const
    {
        return detail::number<std::int64_t>(animaldetect_detection_id, view_);
    }
    // What it is, such as a species.
    [[nodiscard]] std::optional<std::string_view> label() const &
    {
        return detail::viewed(animaldetect_detection_label(view_));
    }
    std::optional<std::string_view> label() const && = delete;
    // animal, human or vehicle.
    [[nodiscard]] std::optional<std::string_view> category() const &
    {
        return detail::viewed(animaldetect_detection_category(view_));
    }
    std::optional<std::string_view> category() const && = delete;
    // How sure the service is, 0 to 1.
    [[nodiscard]] std::optional<double> score() const
    {
        return detail::number<double>(animaldetect_detection_score, view_);
    }
    // Where it is.
    [[nodiscard]] std::optional<Box> box() const
    {
        std::array<double, 4> edges{};
        if (animaldetect_detection_bbox(view_, edges.data()) != ANIMALDETECT_OK)
            return std::nullopt;
        return Box{edges[0], edges[1], edges[2], edges[3]};
    }
    // Its name at a rank.
    [[nodiscard]] std::optional<std::string_view> taxonomy(Rank rank) const &
    {
        return detail::viewed(animaldetect_detection_taxonomy(view_, static_cast<std::int32_t>(rank)));
    }
    std::optional<std::string_view> taxonomy(Rank) const && = delete;
    // The further guesses.
    [[nodiscard]] Range<Candidate> candidates() const
    {
        return {result_, view_, animaldetect_detection_candidate_count(view_)};
    }

private:
    template <class> friend class Range;
    using Parent = animaldetect_result;
    static const animaldetect_detection *at(const Parent *of, std::size_t index)
    {
        return animaldetect_result_at(of, index);
    }
    Detection(std::shared_ptr<animaldetect_result> result, const animaldetect_detection *view)
        : result_(std::move(result)), view_(view)
    {
    }
    std::shared_ptr<animaldetect_result> result_;
    const animaldetect_detection *view_;
};

class Result {
public:
    // From JSON that was kept, such as json().
    [[nodiscard]] static Result parse(std::string_view json)
    {
        detail::require_fitting_library();
        animaldetect_result *handle = nullptr;
        std::int32_t status = animaldetect_result_parse(json.data(), json.size(), &handle);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "the text is not a result");
        return Result(handle);
    }

    // Of another kind than detections only the JSON says more.
    [[nodiscard]] ResultKind kind() const { return static_cast<ResultKind>(animaldetect_result_kind(get())); }
    // The boxes, in the service's order.
    [[nodiscard]] Range<Detection> detections() const { return {handle_, get(), animaldetect_result_count(get())}; }
    // The service's JSON, byte for byte, with the fields that this version does not know.
    [[nodiscard]] std::string_view json() const &
    {
        std::size_t size = 0;
        const char *text = animaldetect_result_json(get(), &size);
        return {text, size};
    }
    std::string_view json() const && = delete;
    // The metadata of the image, when it was asked for.
    [[nodiscard]] std::optional<std::string_view> metadata_json() const &
    {
        std::size_t size = 0;
        const char *text = animaldetect_result_metadata_json(get(), &size);
        return text == nullptr ? std::nullopt : std::optional<std::string_view>({text, size});
    }
    std::optional<std::string_view> metadata_json() const && = delete;
    // The service's id.
    [[nodiscard]] std::optional<std::string_view> id() const & { return detail::viewed(animaldetect_result_id(get())); }
    std::optional<std::string_view> id() const && = delete;
    // When the result goes away, as the service wrote it.
    [[nodiscard]] std::optional<std::string_view> expires_at() const &
    {
        return detail::viewed(animaldetect_result_expires_at(get()));
    }
    std::optional<std::string_view> expires_at() const && = delete;
    // The country that the service assumed.
    [[nodiscard]] std::optional<std::string_view> country() const &
    {
        return detail::viewed(animaldetect_result_country(get()));
    }
    std::optional<std::string_view> country() const && = delete;
    // The model that looked at the image.
    [[nodiscard]] std::optional<std::string_view> model_id() const &
    {
        return detail::viewed(animaldetect_result_model_id(get()));
    }
    std::optional<std::string_view> model_id() const && = delete;
    // Its version.
    [[nodiscard]] std::optional<std::string_view> model_version() const &
    {
        return detail::viewed(animaldetect_result_model_version(get()));
    }
    std::optional<std::string_view> model_version() const && = delete;
    // In pixels.
    [[nodiscard]] std::optional<std::int64_t> image_width() const { return whole(animaldetect_result_image_width); }
    // In pixels.
    [[nodiscard]] std::optional<std::int64_t> image_height() const { return whole(animaldetect_result_image_height); }
    // In bytes.
    [[nodiscard]] std::optional<std::int64_t> file_size() const { return whole(animaldetect_result_file_size); }
    // How long the service took.
    [[nodiscard]] std::optional<std::int64_t> processing_time_ms() const
    {
        return whole(animaldetect_result_processing_time_ms);
    }
    // The score below which detections were dropped.
    [[nodiscard]] std::optional<double> threshold() const
    {
        return detail::number<double>(animaldetect_result_threshold, get());
    }

private:
    friend class Job;
    explicit Result(animaldetect_result *handle) : handle_(handle, animaldetect_result_free) {}
    const animaldetect_result *get() const { return handle_.get(); }
    template <class Getter> std::optional<std::int64_t> whole(Getter getter) const
    {
        return detail::number<std::int64_t>(getter, get());
    }
    std::shared_ptr<animaldetect_result> handle_;
};

} // namespace animaldetect

#endif
