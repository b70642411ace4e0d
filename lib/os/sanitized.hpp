#pragma once
/// Whether this is a build with a sanitizer: g++ says it by macros, clang by features. Of interest
/// inside this area only.

namespace trackier::os {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace trackier::os
