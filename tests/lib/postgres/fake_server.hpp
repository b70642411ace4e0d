#pragma once
/// Stands in for servers that are not at hand, old ones and malicious ones: says what it is told to
/// say, in PostgreSQL's protocol (section 55.7 of its manual), to one client.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"

namespace trackier::test {

using namespace std::string_literals;

inline std::string int16(std::uint16_t value) {
  const std::uint16_t ordered = htons(value);
  return {reinterpret_cast<const char*>(&ordered), sizeof ordered};
}

inline std::string int32(std::uint32_t value) {
  const std::uint32_t ordered = htonl(value);
  return {reinterpret_cast<const char*>(&ordered), sizeof ordered};
}

inline std::string message(char type, const std::string& content) {
  return type + int32(static_cast<std::uint32_t>(content.size() + 4)) + content;
}

/// A table of text; an empty cell stands for NULL.
inline std::string table(std::size_t columns, const std::vector<std::vector<std::string>>& rows) {
  std::string description = int16(static_cast<std::uint16_t>(columns));
  for (std::size_t i = 0; i < columns; ++i) {
    description += "c\0"s + int32(0) + int16(0) + int32(25) + int16(0xFFFF) + int32(0) + int16(0);
  }
  std::string out = message('T', description);
  for (const auto& row : rows) {
    std::string data = int16(static_cast<std::uint16_t>(row.size()));
    for (const std::string& cell : row) {
      data +=
          cell.empty() ? int32(0xFFFFFFFF) : int32(static_cast<std::uint32_t>(cell.size())) + cell;
    }
    out += message('D', data);
  }
  return out + message('C', "SELECT\0"s);
}

inline std::string copy_begin() {
  return message('H', "\0"s + int16(0));
}
inline std::string copy_data(const std::string& content) {
  return message('d', content);
}
inline std::string copy_end() {
  return message('c', "");
}
inline std::string copy_of(const std::vector<std::string>& pieces) {
  std::string out = copy_begin();
  for (const std::string& piece : pieces) {
    out += copy_data(piece);
  }
  return out + copy_end();
}
inline std::string complete() {
  return message('C', "BASE_BACKUP\0"s);
}
inline std::string problem(char type, const std::string& sqlstate, const std::string& text) {
  const std::string severity = type == 'E' ? "ERROR" : "WARNING";
  return message(type,
                 "S" + severity + "\0V"s + severity + "\0C"s + sqlstate + "\0M"s + text + "\0\0"s);
}

class FakeServer {
 public:
  /// answers: to the statements that come, in order; what says that it is ready for the next is
  /// added. After the last the connection is closed.
  FakeServer(std::string version, std::vector<std::string> answers)
      : version_(std::move(version)),
        answers_(std::move(answers)),
        socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_ / ".s.PGSQL.5432";
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket_, 1) == 0);
    thread_ = std::jthread{[this] { serve(); }};
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  FakeServer(FakeServer&&) = delete;
  FakeServer& operator=(FakeServer&&) = delete;
  ~FakeServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  [[nodiscard]] std::string conninfo() const {
    return "host=" + directory_.path().string() + " port=5432 user=x dbname=x";
  }

  /// The statements that came; after the connection is closed.
  [[nodiscard]] const std::vector<std::string>& statements() {
    thread_.join();
    thread_ = std::jthread{[] {}};
    return statements_;
  }

 private:
  static bool read(int client, std::string& into) {
    for (std::size_t done = 0; done < into.size();) {
      const ssize_t count = ::recv(client, into.data() + done, into.size() - done, 0);
      if (count <= 0) {
        return false;
      }
      done += static_cast<std::size_t>(count);
    }
    return true;
  }

  /// The rest of a message, whose length comes first.
  static bool read_message(int client, std::string& content) {
    std::string length(4, '\0');
    if (!read(client, length)) {
      return false;
    }
    std::uint32_t size = 0;
    std::memcpy(&size, length.data(), sizeof size);
    content.assign(ntohl(size) - 4, '\0');
    return read(client, content);
  }

  static void send(int client, const std::string& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::send(client, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (count <= 0) {
        return;  // the client has gone
      }
      done += static_cast<std::size_t>(count);
    }
  }

  void serve() {
    const int client = ::accept(socket_, nullptr, nullptr);
    std::string content;
    if (client != -1 && read_message(client, content)) {
      const std::string ready = message('Z', "I");
      send(client,
           message('R', int32(0)) + message('S', "server_version\0"s + version_ + "\0"s) + ready);
      std::string type(1, '\0');
      for (const std::string& answer : answers_) {
        if (!read(client, type) || type != "Q" || !read_message(client, content)) {
          break;
        }
        statements_.push_back(content.substr(0, content.size() - 1));
        send(client, answer + ready);
      }
    }
    ::close(client);
  }

  TemporaryDirectory directory_;
  std::string version_;
  std::vector<std::string> answers_;
  std::vector<std::string> statements_;
  int socket_;
  std::jthread thread_;
};

}  // namespace trackier::test
