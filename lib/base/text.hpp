// Quantities and foreign bytes as text for people: durations, byte counts, escaped peer data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel {

// "84 ms", "6.4 s", "6m28s", "2h05m", "3d04h".
std::string duration_text(std::chrono::nanoseconds d);

// "2026-01-31", and "2026-01-31 12:00:00 UTC".
std::string date_text(std::chrono::sys_seconds time);
std::string time_text(std::chrono::sys_seconds time);

// "512 B", "1.2 kB", "48.1 MB": powers of 1000.
std::string bytes_text(std::uint64_t n);

// Makes bytes of unknown origin safe in one line of a log: printable ASCII stays, but for the
// double quote and the backslash; all else becomes \n, \r, \t or \xHH. Longer than `limit` is cut
// with "...".
std::string escaped(std::string_view bytes, std::size_t limit = 80);

// The user's own text in one line: letters of any language stay; control characters, invisible
// ones that reorder text, and bytes that are not UTF-8 become \n, \r, \t, \xHH or \uHHHH.
std::string one_line(std::string_view text);

// The same for within double quotes: so do the double quote and the backslash. Longer than `limit`
// bytes is cut with "...".
std::string quotable(std::string_view text, std::size_t limit = 80);

// As text, or within double quotes, in HTML or XML.
std::string in_markup(std::string_view text);

// ASCII letters in lower case; all other bytes as they are.
char lower_case(char c);
std::string lower_case(std::string_view text);

// Without ASCII blanks at both ends.
std::string_view trimmed(std::string_view text);

// Whether there is nothing but ASCII digits, and at least one.
bool is_digits(std::string_view text);

// Whether `word` is one of the words, which have one blank between them.
bool has_word(std::string_view words, std::string_view word);

// "a, b and c".
std::string joined_with_and(const std::vector<std::string>& parts);

// Whether the bytes are well-formed UTF-8 (RFC 3629); else the offset of the first that is not.
std::optional<std::size_t> first_invalid_utf8(std::string_view bytes);

// The candidate most like `word` if it is close enough to be what was meant (at most a third of its
// letters wrong), else empty.
std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// "2026-01-31T12:00:00Z", with milliseconds if there are any.
std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> time);
// "2026-01-31T12:00:00.000Z", always with milliseconds: lines of a log align.
std::string rfc3339_milliseconds(std::chrono::sys_time<std::chrono::milliseconds> time);

// "1.2 kB/s"; "0 B/s" if no time has passed.
std::string rate_text(std::uint64_t bytes, std::chrono::nanoseconds elapsed);

}  // namespace tunnel
