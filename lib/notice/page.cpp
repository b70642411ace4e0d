#include "notice/page.hpp"

#include <cmark-gfm.h>

#include <cctype>
#include <cstdlib>
#include <memory>
#include <new>

#include "core/text.hpp"

namespace trackier::notice {
namespace {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};

struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};

struct FreeText {
  void operator()(char* text) const { cmark_get_default_mem_allocator()->free(text); }
};

using Node = std::unique_ptr<cmark_node, FreeNode>;
using Text = std::unique_ptr<char, FreeText>;

// Without CMARK_OPT_UNSAFE cmark drops raw HTML and the targets of javascript: links.
constexpr int options = CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_HARDBREAKS;

Node parse(std::string_view markdown) {
  Node node{cmark_parse_document(markdown.data(), markdown.size(), options)};
  if (!node) {
    throw std::bad_alloc{};
  }
  return node;
}

std::string taken(char* rendered) {
  const Text text{rendered};
  if (!text) {
    throw std::bad_alloc{};
  }
  return text.get();
}

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += character;
    }
  }
  return escaped;
}

// The policy keeps a mail program or browser from fetching or running anything, whatever is in it.
constexpr std::string_view head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>)";

constexpr std::string_view style = R"(</title>
<style>
@page { size: A4; margin: 20mm 18mm; }
html { background: #fff; color: #111; }
body { font: 11pt/1.5 "Liberation Sans", Arial, Helvetica, sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.5em; line-height: 1.25; margin: 0 0 1em; }
h2 { font-size: 1.1em; margin: 1.6em 0 .4em; border-bottom: 1px solid #bbb; }
p, ul, ol { margin: .5em 0; }
ul, ol { padding-left: 1.3em; }
li { margin: .2em 0; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  h1, h2 { break-after: avoid; }
  li, p { break-inside: avoid; }
}
</style>
</head>
<body>
)";

/// "\\*" is "*" (CommonMark, section 2.4).
std::string without_escapes(std::string_view markdown) {
  std::string text;
  for (std::size_t at = 0; at < markdown.size(); ++at) {
    const bool is_escape = markdown[at] == '\\' && at + 1 < markdown.size() &&
                           std::ispunct(static_cast<unsigned char>(markdown[at + 1])) != 0;
    at += is_escape ? 1 : 0;
    text += markdown[at];
  }
  return text;
}

}  // namespace

std::string behind_the_page(std::string_view markdown) {
  std::string text = without_escapes(markdown);
  const auto add = [&](const char* each) {
    if (each != nullptr && *each != '\0') {
      text += '\n';
      text += each;
    }
  };
  const Node node = parse(markdown);
  const std::unique_ptr<cmark_iter, FreeIterator> iterator{cmark_iter_new(node.get())};
  while (cmark_iter_next(iterator.get()) != CMARK_EVENT_DONE) {
    cmark_node* const each = cmark_iter_get_node(iterator.get());
    add(cmark_node_get_url(each));
    add(cmark_node_get_title(each));
    add(cmark_node_get_fence_info(each));
  }
  const std::string decoded = percent_decoded(text);
  return decoded == text ? text : text + "\n" + decoded;
}

std::string html_page(std::string_view title, std::string_view markdown) {
  const Node node = parse(markdown);
  std::string page{head};
  page += html_escaped(title);
  page += style;
  page += taken(cmark_render_html(node.get(), options, nullptr));
  page += "</body>\n</html>\n";
  return page;
}

std::string plain_text(std::string_view markdown) {
  const Node node = parse(markdown);
  return taken(cmark_render_plaintext(node.get(), options, 0));
}

}  // namespace trackier::notice
