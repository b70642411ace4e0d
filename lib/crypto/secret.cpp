#include "crypto/secret.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <utility>

namespace trackier::crypto {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

std::byte* locked_pages(std::size_t size) {
  void* const pages =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) {
    throw std::bad_alloc{};
  }
  // As far as limits allow: a secret that may be swapped out is better than no run.
  ::mlock(pages, size);
  ::madvise(pages, size, MADV_DONTDUMP);
  return static_cast<std::byte*>(pages);
}

/// Single pages that were wiped and stay locked for the next secret: four system calls each, on
/// which threads wait for each other, are more than most uses of a key cost.
class SparePages {
 public:
  std::byte* take() noexcept {
    const std::scoped_lock lock{mutex_};
    return count_ == 0 ? nullptr : pages_[--count_];
  }

  /// False when there are enough.
  bool keep(std::byte* page) noexcept {
    const std::scoped_lock lock{mutex_};
    if (count_ == pages_.size()) {
      return false;
    }
    pages_[count_++] = page;
    return true;
  }

 private:
  std::mutex mutex_;
  std::array<std::byte*, 32> pages_{};
  std::size_t count_ = 0;
};

/// Never destroyed: secrets may be longer-lived than other statics.
SparePages& spare_pages() {
  static auto& pages = *new SparePages;
  return pages;
}

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) {
    return;
  }
  const std::size_t bytes = whole_pages(size);
  if (bytes == whole_pages(1)) {
    data_ = spare_pages().take();
  }
  if (data_ == nullptr) {
    data_ = locked_pages(bytes);
  }
}

Secret Secret::copy_of(Bytes bytes) {
  Secret secret{bytes.size()};
  std::ranges::copy(bytes, secret.writable().begin());
  return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() {
  release();
}

void Secret::release() noexcept {
  if (data_ != nullptr) {
    wipe(writable());
    const std::size_t bytes = whole_pages(size_);
    if (bytes != whole_pages(1) || !spare_pages().keep(data_)) {
      ::munmap(data_, bytes);
    }
  }
  data_ = nullptr;
  size_ = 0;
}

bool operator==(const Secret& left, const Secret& right) noexcept {
  return constant_time_equal(left.bytes(), right.bytes());
}

bool constant_time_equal(Bytes left, Bytes right) noexcept {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

void wipe(MutBytes bytes) noexcept {
  if (!bytes.empty()) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
}

}  // namespace trackier::crypto
