#pragma once
/// Members of JSON objects that people wrote, with errors that say where. Of interest inside this
/// area only.

#include <chrono>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace trackier::law {

using Json = nlohmann::ordered_json;

/// Throws Error{Code::config} for what is no JSON, with line and column, and for another schema.
Json json_in(std::string_view text, const std::string& file, std::string_view schema);

class Members {
 public:
  /// json must outlive it. where: what errors begin with. Throws Error{Code::config} for what is no
  /// object.
  Members(const Json& json, std::string where);

  [[nodiscard]] bool has(const std::string& name) const;
  /// These throw Error{Code::config} for what is missing or of another kind; texts are not empty.
  [[nodiscard]] const Json& member(const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] std::string one_of(const std::string& name,
                                   std::initializer_list<std::string_view> words) const;
  [[nodiscard]] int number(const std::string& name, int least, int most) const;
  /// Numbers are counted in quarters: 0.75 is 3.
  [[nodiscard]] int quarters(const std::string& name, int most) const;
  /// These are content with what is not there, or null.
  [[nodiscard]] bool flag(const std::string& name) const;
  [[nodiscard]] std::string optional_text(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;
  [[nodiscard]] std::optional<Members> object(const std::string& name) const;
  [[nodiscard]] std::optional<std::chrono::year_month_day> day(const std::string& name) const;

  void refuse_others(std::initializer_list<std::string_view> known) const;

  [[nodiscard]] Error error(const std::string& name, const std::string& what,
                            const std::string& hint = {}) const;

 private:
  const Json& json_;
  std::string where_;
};

}  // namespace trackier::law
