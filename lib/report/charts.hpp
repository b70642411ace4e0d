#pragma once
/// Charts of an item's lines as SVG, to stand in the page. Each has a title and a description, says
/// nothing by colour alone, and nothing that is not in the table beside it.

#include <cstddef>
#include <string>

#include "report/report.hpp"

namespace trackier::report {

/// number: tells the charts of a page apart. Empty: this kind of item has no chart, or there is
/// nothing to draw.
std::string chart_of(const Item& item, std::size_t number);

}  // namespace trackier::report
