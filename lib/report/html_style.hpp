#pragma once
/// How the page looks. Of interest inside this area only.

#include <string_view>

namespace trackier::report {

/// Contrasts are at least 4.5 to 1 (WCAG 2.1, AA); what colour says, a word or a mark says too.
inline constexpr std::string_view style = R"(
@page { size: A4; margin: 16mm 14mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt Arial, sans-serif; } }
* { box-sizing: border-box; }
body { font: 14px/1.45 "Liberation Sans", Arial, Helvetica, sans-serif; color: #1b1f24; background: #fff; max-width: 760px; margin: 0 auto; padding: 16px; }
h1 { font-size: 24px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 32px 0 4px; padding-top: 8px; border-top: 2px solid #1b1f24; break-after: avoid; }
h3 { font-size: 15px; margin: 0; break-after: avoid; }
h4 { font-size: 13px; margin: 10px 0 2px; break-after: avoid; }
p { margin: 4px 0 8px; }
a { color: #0a4f9e; }
.sub, .meta { color: #4a525c; font-size: 12.5px; }
.promise { border-left: 4px solid #8a939e; margin: 6px 0 12px; padding: 2px 0 2px 12px; font-style: italic; break-after: avoid; break-inside: avoid; }
.item { border: 1px solid #c3c9d1; border-radius: 4px; padding: 10px 12px; margin: 10px 0; }
.whole, .lead { break-inside: avoid; }
.head { display: flex; gap: 10px; align-items: baseline; justify-content: space-between; break-inside: avoid; }
.status { flex: none; font-size: 12px; font-weight: bold; text-transform: uppercase; padding: 1px 8px; border-radius: 3px; border: 2px solid #4a525c; color: #33393f; white-space: nowrap; }
.status.pass { border-color: #17663a; color: #17663a; }
.status.fail, .status.error { background: #a11a1a; border-color: #a11a1a; color: #fff; }
.status.not_checked { border-color: #8a4b00; color: #8a4b00; border-style: dashed; }
.status.manual { border-color: #4b3a8f; color: #4b3a8f; border-style: dotted; }
table { border-collapse: collapse; width: 100%; margin: 6px 0 10px; font-size: 12.5px; }
caption { text-align: left; font-weight: bold; padding: 4px 0; break-after: avoid; }
th, td { text-align: left; vertical-align: top; padding: 3px 8px 3px 0; border-bottom: 1px solid #d9dde2; overflow-wrap: break-word; }
thead { display: table-header-group; }
th { font-weight: bold; }
tr { break-inside: avoid; }
td.number, th.number { text-align: right; }
td.number { white-space: nowrap; }
td.when, .short { white-space: nowrap; }
td.hash { overflow-wrap: anywhere; }
.total td, .total th { border-top: 2px solid #1b1f24; font-weight: bold; }
code, pre { font: 11px/1.4 "Liberation Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; }
details { margin: 6px 0; }
summary { cursor: pointer; color: #0a4f9e; }
svg { display: block; max-width: 100%; height: auto; margin: 8px 0; break-inside: avoid; }
svg text { font: 11px "Liberation Sans", Arial, Helvetica, sans-serif; fill: #1b1f24; }
svg .taken { fill: #4f9d74; }
svg .late { fill: #f0c04a; }
svg .damaged, svg .unrecorded { fill: #f2a3a3; }
svg .missing { fill: #e2555a; }
svg .mark { fill: none; stroke: #1b1f24; stroke-width: 1.5; }
svg .limit { fill: none; stroke: #1b1f24; stroke-width: 1.5; stroke-dasharray: 4 3; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } a { color: inherit; text-decoration: none; } summary { color: inherit; } details:not([open]) { display: none; } .printed { display: block; } }
@media screen { .printed { display: none; } }
)";

}  // namespace trackier::report
