#include "crypto/secret.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

namespace trackier::crypto {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) {
    return;
  }
  void* const pages = ::mmap(nullptr, whole_pages(size), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) {
    throw std::bad_alloc{};
  }
  // As far as limits allow: a secret that may be swapped out is better than no run.
  ::mlock(pages, whole_pages(size));
  ::madvise(pages, whole_pages(size), MADV_DONTDUMP);
  data_ = static_cast<std::byte*>(pages);
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
    ::munmap(data_, whole_pages(size_));
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
