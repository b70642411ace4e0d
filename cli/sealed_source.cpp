#include "sealed_source.hpp"

#include <algorithm>
#include <cstring>

#include "envelope/sealed_sizes.hpp"

namespace trackier::cli {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{4} << 20U;

class VectorSink final : public Sink {
 public:
  explicit VectorSink(std::vector<std::byte>& into) : into_(into) {}
  void write(Bytes bytes) override { into_.insert(into_.end(), bytes.begin(), bytes.end()); }
  void finish() override {}

 private:
  std::vector<std::byte>& into_;
};

}  // namespace

SealedSource::SealedSource(os::File& file, const envelope::Identities& identities, std::string name)
    : file_(file),
      name_(std::move(name)),
      opening_(envelope::Opening::of_file(file, identities, name_)),
      size_(envelope::checked_chunks(file.status().size, opening_.block(), name_).plain_bytes) {}

std::size_t SealedSource::read(MutBytes into) {
  if (given_ == piece_.size()) {
    if (read_ == size_) {
      return 0;
    }
    piece_.clear();
    given_ = 0;
    const std::uint64_t end = std::min(size_, read_ + piece_bytes);
    VectorSink sink{piece_};
    envelope::open_range(file_, opening_, {.begin = read_, .end = end}, sink, {.name = name_}, {});
    read_ = end;
  }
  const std::size_t count = std::min(into.size(), piece_.size() - given_);
  std::memcpy(into.data(), piece_.data() + given_, count);
  given_ += count;
  return count;
}

}  // namespace trackier::cli
