#pragma once
/// Cuts a stream into chunks of whole records.

#include <cstdint>
#include <memory>
#include <string_view>

#include "anonymize/directives.hpp"
#include "anonymize/json_documents.hpp"
#include "anonymize/record_reader.hpp"
#include "core/stream.hpp"

namespace trackier::anonymize {

struct ChunkLimits {
  std::size_t chunk_bytes =
      256 * 1024;  ///< aimed at: in- and output stay in a processor's own cache
  std::size_t record_bytes = 1024 * 1024;  ///< longer records come in windows
  bool fill = false;  ///< wait for a full chunk, rather than pass on what an idle pipe has given
};

/// Bytes with room for more; growing does not touch them.
class Room {
 public:
  [[nodiscard]] std::string_view text() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  char* data() { return data_.get(); }
  void set_size(std::size_t size) { size_ = size; }
  void reserve(std::size_t capacity);
  void assign(std::string_view text);
  void remove_front(std::size_t bytes);

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

struct Chunk {
  enum class Part : std::uint8_t {
    whole,   ///< whole records
    window,  ///< a stretch of a record longer than record_bytes; Chunker::consume() says how much
             ///< of it is done
    tail,    ///< the last stretch of such a record, with its line end; the same
  };
  Room bytes;
  Part part = Part::whole;
  bool first = false;  ///< begins the input, but for empty lines
  /// Those in force where the chunk begins; null: none, or the format has none.
  std::shared_ptr<const std::string> directives;
  bool lines = false;  ///< csv, tsv: each line is a record, as the first one leaves a quote open
};

class Chunker {
 public:
  /// input must outlive it. Until set_format() is called records are lines.
  Chunker(Source& input, const ChunkLimits& limits);

  /// The beginning of the input, which comes again in the first chunk: `most` bytes, or fewer when
  /// the input ends or pauses behind a line end.
  std::string_view peek(std::size_t most);
  /// Whether nothing follows what has been read.
  [[nodiscard]] bool ended() const { return end_; }

  void set_format(Format format, const Columns& columns);

  /// False at the end of input.
  bool next(Chunk& chunk);

  /// After a window or tail: its first `bytes` are done with, the others come again.
  void consume(std::size_t bytes) {
    ahead_.remove_front(bytes);
    document_scan_.forget(bytes);
    given_ += bytes;
  }

 private:
  void read_more(std::size_t limit);
  void find_whole(std::size_t from);
  void give_up_record();
  void give(Chunk& chunk);
  bool give_window(Chunk& chunk);
  std::size_t long_record_end(std::size_t from);
  void begin_long_record();

  Source& input_;
  ChunkLimits limits_;
  bool delimited_ = false;
  bool documents_ = false;
  bool directed_ = false;  ///< lines say what the columns of those behind them are
  char delimiter_ = ',';
  DelimitedScan scan_{','};     ///< of the record that begins at whole_
  DocumentScan document_scan_;  ///< the same, or of a long record
  Directives directives_;       ///< in force behind what was given out
  bool may_be_marked_ = true;   ///< a byte order mark may stand before the next record
  bool begin_anew_ = false;     ///< what is ahead has not been looked through from its first byte
  Room ahead_;                  ///< read and not yet given out
  std::size_t whole_ = 0;       ///< so much of it is whole records
  bool end_ = false;            ///< the input has ended
  bool first_ = true;
  bool in_long_record_ = false;
  bool lines_ = false;          ///< what is whole is lines; see Chunk
  std::uint64_t given_ = 0;     ///< bytes given out
  std::uint64_t given_up_ = 0;  ///< records that left a quote open
};

}  // namespace trackier::anonymize
