#include "anonymize/pseudonymizer.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "anonymize/characters.hpp"
#include "core/once.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "crypto/secret.hpp"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace trackier::anonymize {

namespace {

constexpr std::string_view info = "trackier-ctl anonymize v1";
constexpr std::string_view address_info = "trackier-ctl ";  // and the action, and " v1"
constexpr std::array<Action, 4> address_actions = {Action::prefix, Action::ipcrypt,
                                                   Action::ipcrypt_nd, Action::ipcrypt_ndx};
constexpr std::string_view token_info = "trackier-ctl tokenize v1";
constexpr std::size_t master_bytes = 32;

crypto::Secret derived_key(Bytes master, std::string_view purpose, std::string_view tenant) {
  std::string context{purpose};
  context.push_back('\0');
  context.append(tenant);
  return crypto::hkdf_sha256(master, {}, as_bytes(context), master_bytes);
}

/// CRC-24 of OpenPGP (RFC 9580, section 6.1): not for security, only to know our own again. Table n
/// is for a byte with n more behind it, so that three are taken at once.
constexpr std::array<std::array<std::uint32_t, 256>, 3> crc24_tables = [] {
  std::array<std::array<std::uint32_t, 256>, 3> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i << 16U;
    for (auto& table : tables) {
      for (int bit = 0; bit < 8; ++bit) {
        crc <<= 1U;
        if ((crc & 0x1000000U) != 0) {
          crc ^= 0x1864CFBU;
        }
      }
      table[i] = crc;
    }
  }
  return tables;
}();

std::uint32_t crc24(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xB704CEU;
  const auto three_at = [bytes](std::size_t i) {
    return static_cast<std::uint32_t>(bytes[i]) << 16U |
           static_cast<std::uint32_t>(bytes[i + 1]) << 8U |
           static_cast<std::uint32_t>(bytes[i + 2]);
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    crc ^= three_at(i);
    crc = crc24_tables[2][crc >> 16U] ^ crc24_tables[1][crc >> 8U & 0xFFU] ^
          crc24_tables[0][crc & 0xFFU];
  }
  for (; i < bytes.size(); ++i) {
    crc = (crc << 8U ^ crc24_tables[0][crc >> 16U ^ static_cast<std::uint32_t>(bytes[i])]) &
          0xFFFFFFU;
  }
  return crc;
}

constexpr std::size_t checked_bytes = 13;  // and three bytes of check code behind them

void put_check_code(Uuid& id) {
  const std::uint32_t crc = crc24(std::span{id}.first(checked_bytes));
  for (std::size_t i = 0; i < 3; ++i) {
    id[checked_bytes + i] = static_cast<std::byte>(crc >> (16 - 8 * i));
  }
}

bool check_code_agrees(const Uuid& id) {
  Uuid expected = id;
  put_check_code(expected);
  return expected == id;
}

/// Two hexadecimal digits for each byte.
constexpr std::array<std::array<char, 2>, 256> hex_digits = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> made{};
  for (std::size_t byte = 0; byte < made.size(); ++byte) {
    made[byte] = {digits[byte >> 4U], digits[byte & 15U]};
  }
  return made;
}();

void append_hex_digits(std::span<const std::byte> bytes, std::string& out) {
  for (const std::byte byte : bytes) {
    const auto& digits = hex_digits[static_cast<unsigned>(byte)];
    out.append(digits.data(), digits.size());
  }
}

Uuid first_16(const std::array<std::byte, 32>& mac) {
  Uuid id;
  std::copy_n(mac.begin(), id.size(), id.begin());
  return id;
}

constexpr std::array<std::uint8_t, 16> uuid_offsets = {0,  2,  4,  6,  9,  11, 14, 16,
                                                       19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

#if defined(__x86_64__)

namespace {

/// The values of 16 hexadecimal digits, one a byte; bit i of `are_digits` is clear where byte i is
/// none.
__m128i hex_values_of(const char* text, unsigned& are_digits) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
  are_digits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_digit, is_letter)));
  return _mm_or_si128(_mm_and_si128(is_digit, digit),
                      _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
}

std::uint64_t first_half(__m128i bytes) {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(bytes));
}

std::uint64_t second_half(__m128i bytes) {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_srli_si128(bytes, 8)));
}

/// Eight values of digits, one a byte, into four bytes.
std::uint32_t paired(std::uint64_t values) {
  std::uint64_t bytes = (values << 4U | values >> 8U) & 0x00FF00FF00FF00FFU;
  bytes = (bytes | bytes >> 8U) & 0x0000FFFF0000FFFFU;
  return static_cast<std::uint32_t>(bytes | bytes >> 16U);
}

}  // namespace

bool parse_uuid(std::string_view text, Uuid& uuid) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return false;
  }
  // Digits at 0-7; at 9-12, 14-17, 19-22; at 24-35: three loads, and nothing through memory.
  unsigned first_digits = 0;
  unsigned middle_digits = 0;
  unsigned last_digits = 0;
  const __m128i first = hex_values_of(text.data(), first_digits);
  const __m128i middle = hex_values_of(text.data() + 9, middle_digits);
  const __m128i last = hex_values_of(text.data() + 20, last_digits);
  if ((first_digits & 0xFFU) != 0xFFU || (middle_digits & 0x3DEFU) != 0x3DEFU ||
      last_digits >> 4U != 0xFFFU) {
    return false;
  }
  constexpr std::uint64_t four_bytes = 0xFFFFFFFFU;
  const std::uint64_t from_9 = first_half(middle);
  const std::uint64_t from_17 = second_half(middle);
  const std::uint64_t at_14 = (from_9 >> 40U | from_17 << 24U) & four_bytes;
  const std::uint64_t at_19 = from_17 >> 16U & four_bytes;
  const auto put = [&uuid](std::size_t place, std::uint64_t four, std::uint64_t next_four) {
    const std::uint64_t bytes = paired(four) | std::uint64_t{paired(next_four)} << 32U;
    std::memcpy(&uuid[place], &bytes, sizeof bytes);
  };
  put(0, first_half(first), (from_9 & four_bytes) | at_14 << 32U);
  put(8, at_19 | (first_half(last) & ~four_bytes), second_half(last));
  return true;
}

#else

namespace {

/// The value of a hexadecimal digit; 16 and more for every other byte.
constexpr std::array<std::uint8_t, 256> hex_values = [] {
  std::array<std::uint8_t, 256> values{};
  for (std::size_t c = 0; c < values.size(); ++c) {
    const char digit = static_cast<char>(c);
    values[c] =
        character::is_hex(digit) ? static_cast<std::uint8_t>(character::hex_value(digit)) : 0xF0;
  }
  return values;
}();

}  // namespace

bool parse_uuid(std::string_view text, Uuid& uuid) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return false;
  }
  unsigned seen = 0;  // of all digits, so that there is one branch and not thirty-two
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    const unsigned high = hex_values[static_cast<unsigned char>(text[uuid_offsets[i]])];
    const unsigned low = hex_values[static_cast<unsigned char>(text[uuid_offsets[i] + 1U])];
    seen |= high | low;
    uuid[i] = static_cast<std::byte>(high << 4U | (low & 15U));
  }
  return seen < 16;
}

#endif

bool is_pseudonym(std::string_view text) {
  Uuid id{};
  if (text.size() == 36) {
    return text[14] == '8' && parse_uuid(text, id) && check_code_agrees(id);
  }
  if (text.size() != 32) {
    return false;
  }
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (!character::is_hex(text[2 * i]) || !character::is_hex(text[2 * i + 1])) {
      return false;
    }
    id[i] = static_cast<std::byte>(character::hex_value(text[2 * i]) << 4U |
                                   character::hex_value(text[2 * i + 1]));
  }
  return check_code_agrees(id);
}

struct Pseudonymizer::State {
  /// Empty: to be drawn; and wiped once the key has been derived from it.
  crypto::Secret master;
  std::string tenant;
  Once derived;
  std::optional<crypto::MacKey> key;
  crypto::Secret token_key;
  std::array<crypto::Secret, address_actions.size()> address_keys;

  const crypto::MacKey& the_key() {
    derived.call([this] {
      if (master.empty()) {
        master = crypto::random_secret(master_bytes);
      }
      key.emplace(derived_key(master.bytes(), info, tenant).bytes());
      token_key = derived_key(master.bytes(), token_info, tenant);
      for (std::size_t i = 0; i < address_actions.size(); ++i) {
        const std::string purpose =
            std::string{address_info}.append(name_of(address_actions[i])).append(" v1");
        address_keys[i] = derived_key(master.bytes(), purpose, tenant);
      }
      master = crypto::Secret{};
    });
    return *key;
  }
};

Pseudonymizer::Pseudonymizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pseudonymizer::Pseudonymizer(Pseudonymizer&&) noexcept = default;
Pseudonymizer& Pseudonymizer::operator=(Pseudonymizer&&) noexcept = default;
Pseudonymizer::~Pseudonymizer() = default;

Pseudonymizer::Pseudonymizer(Bytes master, std::string_view tenant)
    : state_(std::make_unique<State>()) {
  state_->master = crypto::Secret::copy_of(master);
  state_->tenant = tenant;
}

Pseudonymizer Pseudonymizer::with_random_key() {
  return Pseudonymizer{std::make_unique<State>()};
}

std::array<std::byte, 32> Pseudonymizer::mac(std::string_view domain, Kind kind,
                                             Bytes value) const {
  const std::string_view name = name_of(kind);
  std::array<std::byte, 96> near;  // NOLINT(cppcoreguidelines-pro-type-member-init) filled below
  const std::size_t size = domain.size() + name.size() + 1 + value.size();
  std::vector<std::byte> far;
  std::span<std::byte> message = near;
  if (size > near.size()) {
    far.resize(size);
    message = far;
  }
  std::byte* place = message.data();
  const auto put = [&place](Bytes part) {
    if (!part.empty()) {
      std::memcpy(place, part.data(), part.size());
      place += part.size();
    }
  };
  put(as_bytes(domain));
  put(as_bytes(name));
  *place++ = std::byte{0};
  put(value);
  return state_->the_key().mac(message.first(size));
}

void Pseudonymizer::append_uuid(Kind kind, Bytes canonical, std::string& out) const {
  Uuid id = first_16(mac({}, kind, canonical));
  id[6] = (id[6] & std::byte{0x0F}) | std::byte{0x80};  // version 8 (RFC 9562, section 5.8)
  id[8] = (id[8] & std::byte{0x3F}) | std::byte{0x80};  // variant 10
  put_check_code(id);
  std::array<char, 36> text{};
  text[8] = text[13] = text[18] = text[23] = '-';
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto& digits = hex_digits[static_cast<unsigned>(id[i])];
    text[uuid_offsets[i]] = digits[0];
    text[uuid_offsets[i] + 1U] = digits[1];
  }
  out.append(text.data(), text.size());
}

void Pseudonymizer::append_hex(Kind kind, Bytes canonical, int bits, std::string& out) const {
  const auto whole = mac({}, kind, canonical);
  if (bits == 128) {
    Uuid id = first_16(whole);
    put_check_code(id);
    append_hex_digits(id, out);
    return;
  }
  append_hex_digits(std::span{whole}.first(static_cast<std::size_t>(bits) / 8), out);
}

void Pseudonymizer::append_alike(Kind kind, std::string_view value, std::string& out) const {
  // Two bytes of key stream for each character; block n is HMAC("alike" n, value).
  std::array<std::byte, 32> block{};
  std::size_t used = block.size();
  std::uint32_t number = 0;
  const auto next = [&](unsigned choices) {
    if (used == block.size()) {
      block = mac("alike " + std::to_string(number++) + ' ', kind, as_bytes(value));
      used = 0;
    }
    const unsigned word =
        static_cast<unsigned>(block[used]) << 8U | static_cast<unsigned>(block[used + 1]);
    used += 2;
    return static_cast<char>(word * choices >> 16U);
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (character::is(c, character::lower)) {
      out.push_back(static_cast<char>('a' + next(26)));
    } else if (character::is(c, character::upper)) {
      out.push_back(static_cast<char>('A' + next(26)));
    } else if (character::is_digit(c)) {
      out.push_back(static_cast<char>('0' + next(10)));
    } else if (character::is(c, character::high)) {
      const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
      if (!continues || i == 0 || !character::is(value[i - 1], character::high)) {
        out.push_back(static_cast<char>('a' + next(26)));
      }
    } else {
      out.push_back(c);
    }
  }
}

Bytes Pseudonymizer::token_key() const {
  static_cast<void>(state_->the_key());
  return state_->token_key.bytes();
}

Bytes Pseudonymizer::address_key(Action action) const {
  static_cast<void>(state_->the_key());
  const auto* const found = std::ranges::find(address_actions, action);
  return state_->address_keys.at(static_cast<std::size_t>(found - address_actions.begin())).bytes();
}

std::string Pseudonymizer::key_id() const {
  std::string id;
  const auto whole = mac("key id ", Kind::field, {});
  append_hex_digits(std::span{whole}.first(4), id);
  return id;
}

}  // namespace trackier::anonymize
