// Instructions of a seccomp filter, see seccomp(2), in the fewest words.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tunnel::os::bpf {

using Program = std::vector<sock_filter>;

constexpr std::uint32_t offset_of_argument(unsigned n) {
  // the lower half, on the little-endian processors that are supported
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + n * sizeof(std::uint64_t));
}

inline sock_filter statement(unsigned code, std::uint32_t value) {
  return BPF_STMT(static_cast<std::uint16_t>(code), value);
}
inline sock_filter jump(unsigned code, std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(static_cast<std::uint16_t>(code), value, yes, no);
}

constexpr unsigned load_word = BPF_LD | BPF_W | BPF_ABS;
constexpr unsigned if_equal = BPF_JMP | BPF_JEQ | BPF_K;
constexpr unsigned if_at_least = BPF_JMP | BPF_JGE | BPF_K;
constexpr unsigned if_any_bit = BPF_JMP | BPF_JSET | BPF_K;

inline sock_filter give(std::uint32_t answer) { return statement(BPF_RET | BPF_K, answer); }
constexpr std::uint32_t refusal(int error) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA);
}

inline void append(Program& to, const Program& what) {
  to.insert(to.end(), what.begin(), what.end());
}

// Checks of the arguments of one call; each ends with a verdict.
inline void on(Program& program, int call, const Program& decide) {
  program.push_back(jump(if_equal, static_cast<std::uint32_t>(call), 0,
                         static_cast<std::uint8_t>(decide.size())));
  append(program, decide);
}

// Allows the call if the argument that was loaded has this value.
inline void allow(Program& program, std::uint32_t value) {
  append(program, {jump(if_equal, value, 0, 1), give(SECCOMP_RET_ALLOW)});
}

}  // namespace tunnel::os::bpf
