#pragma once
/// Texts to measure with: the samples of the project, repeated.

#include <cstddef>
#include <string>

namespace trackier::bench {

inline constexpr std::size_t megabyte = 1'000'000;

/// samples/logs/`name`, whole, again and again until `bytes` are reached.
std::string repeated_sample(const std::string& name, std::size_t bytes = megabyte);

/// The same with other digits each time, for what would make too much of repetitions.
std::string varied_sample(const std::string& name, std::size_t bytes = megabyte);

/// `unit` again and again, without a line end: what an adversary would send.
std::string repeated(const std::string& unit, std::size_t bytes = megabyte);

}  // namespace trackier::bench
