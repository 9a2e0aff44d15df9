// The style sheet of report.html.
#ifndef RECUR_MODEL_TRAIN_REPORT_REPORT_STYLE_H_
#define RECUR_MODEL_TRAIN_REPORT_REPORT_STYLE_H_

namespace recur {

// CSS without a character that HTML or XML would take for its own. Sizes are
// such that no text is below 12 px and nothing but a wide table is wider than
// a phone; such a table scrolls within its own box.
inline constexpr char kReportStyle[] = R"css(
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --soft: #59626d; --line: #d8dde3;
  --card: #f5f7f9; --truth: #1b1f24; --model: #2563eb; --floor: #c2410c;
  --other: #7c3aed; --heat: 37 99 235; --good: #15803d; --poor: #b45309;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121518; --ink: #e6e9ec; --soft: #a3acb6; --line: #343b42;
    --card: #1b2025; --truth: #f2f4f6; --model: #6ea8fe; --floor: #f59e6b;
    --other: #c4a5f9; --heat: 80 140 255; --good: #4ade80; --poor: #fbbf24;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px 16px 64px; max-width: 1120px;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 12px; }
h2 { font-size: 19px; margin: 40px 0 12px; }
h3, summary { font-size: 15px; font-weight: 600; margin: 20px 0 8px; }
summary { cursor: pointer; }
p { margin: 0 0 12px; max-width: 75ch; }
.verdict {
  font-size: 18px; line-height: 1.45; padding: 12px 16px;
  background: var(--card); border-left: 4px solid var(--soft);
}
.verdict.better { border-color: var(--good); }
.verdict.even, .verdict.worse { border-color: var(--poor); }
.lines { margin: 16px 0 12px; padding-left: 18px; max-width: 90ch; }
.side {
  display: grid; gap: 24px 32px; margin: 0 0 28px; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
}
.side figure, .side table { min-width: 0; }
.tiles {
  display: grid; gap: 12px; margin: 16px 0;
  grid-template-columns: repeat(auto-fit, minmax(145px, 1fr));
}
.tiles div { background: var(--card); padding: 10px 14px; border-radius: 6px; }
.tiles b { display: block; font-size: 21px; font-weight: 600; }
.tiles span, .note-text { color: var(--soft); font-size: 13px; }
.scroll { overflow-x: auto; margin: 0 0 12px; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); text-align: left; font-size: 13px; }
td { font-variant-numeric: tabular-nums; }
.figures { width: 100%; max-width: 640px; }
.figures td:first-child { min-width: 96px; }
.figures td + td, .figures th + th { text-align: right; white-space: nowrap; }
.figures th + th { white-space: normal; overflow-wrap: normal; vertical-align: bottom; }
.figures .marked td { font-weight: 600; color: var(--model); }
.facts { justify-self: start; }
.facts td:first-child { color: var(--soft); padding-right: 20px; }
.legend { font-size: 13px; color: var(--soft); margin: 0 0 8px; max-width: none; }
.legend span { display: inline-block; margin-right: 16px; }
.legend i {
  display: inline-block; width: 18px; height: 0; margin-right: 6px;
  vertical-align: middle; border-top: 3px solid currentColor;
}
.legend i.band { height: 12px; border: 0; background: currentColor; opacity: .3; }
.legend i.dots { width: 8px; height: 8px; border-radius: 4px; border: 0; background: currentColor; }
.legend i.floor { border-top-style: dashed; }
.legend i.other, .legend i.guide { border-top-style: dotted; }
.chart { margin: 0; }
figcaption { font-weight: 600; font-size: 14px; margin: 0 0 8px; }
.plot {
  display: grid; grid-template-columns: var(--gutter) 1fr;
  column-gap: 8px; padding-right: 14px; font-size: 12px; color: var(--soft);
  font-variant-numeric: tabular-nums;
}
.plot .y, .plot .x { position: relative; }
.plot .y span { position: absolute; right: 0; transform: translateY(-50%); line-height: 1; white-space: nowrap; }
.plot .x { grid-column: 2; height: 18px; }
.plot .x span { position: absolute; top: 4px; transform: translateX(-50%); line-height: 1; white-space: nowrap; }
.plot svg { width: 100%; height: 190px; display: block; overflow: visible; }
.xname { font-size: 12px; color: var(--soft); text-align: right; margin: 2px 14px 0 0; max-width: none; }
svg path { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
svg path.grid { stroke: var(--line); stroke-width: 1; }
svg path.rule { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
svg path.band { fill: currentColor; stroke: none; opacity: .17; }
svg path.dots { stroke-width: 7; }
svg path.line.floor { stroke-dasharray: 6 5; stroke-width: 1.6; }
svg path.line.other { stroke-dasharray: 1 4; }
svg path.line.guide { stroke-dasharray: 1 4; stroke-width: 1.4; }
svg rect.note { fill: transparent; }
svg rect.note:hover { fill: var(--soft); opacity: .15; }
.truth { color: var(--truth); }
.model { color: var(--model); }
.floor { color: var(--floor); }
.other { color: var(--other); }
.guide { color: var(--soft); }
.bars { width: 100%; max-width: 640px; table-layout: fixed; margin: 0 0 12px; }
.bars caption { text-align: left; font-weight: 600; margin: 0 0 6px; }
.bars td { border: 0; padding: 3px 8px 3px 0; }
.bars td:first-child { width: 32%; text-align: right; }
.bars td:last-child { width: 58px; text-align: right; padding-right: 0; }
.bars i { display: block; height: 14px; min-width: 1px; border-radius: 2px; background: var(--model); }
.matrix { font-size: 12px; }
.matrix td, .matrix th { padding: 4px; border: 1px solid var(--paper); font-size: 12px; }
.matrix td {
  min-width: 34px; text-align: center;
  background: rgb(var(--heat) / calc(var(--part) * .62));
}
.matrix tbody th {
  max-width: 130px; text-align: right; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis;
}
.matrix thead th { vertical-align: bottom; text-align: left; }
.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 110px; overflow: hidden; }
@media (max-width: 520px) {
  h1 { font-size: 22px; }
  .verdict { font-size: 16px; }
  .figures { font-size: 13px; }
  .figures th, .figures td { padding: 5px 4px; }
}
footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
)css";

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_REPORT_STYLE_H_
