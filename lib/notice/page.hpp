#pragma once
/// Markdown as a web page and as plain text.

#include <string>
#include <string_view>

namespace trackier::notice {

/// A self-contained HTML page with a style sheet for screen and A4 paper. No scripts, no raw HTML
/// out of the Markdown, no links that run something. Line breaks inside a paragraph are kept.
std::string html_page(std::string_view title, std::string_view markdown);

/// Lines are as long as their paragraphs.
std::string plain_text(std::string_view markdown);

/// What a file has in it besides what a reader of the page sees: the source without its escapes,
/// which has comments and definitions in it that nothing refers to; then targets and titles of
/// links and raw HTML, as they are and with percent signs decoded. For searching.
std::string behind_the_page(std::string_view markdown);

}  // namespace trackier::notice
