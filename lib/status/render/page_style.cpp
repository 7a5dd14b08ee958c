// The page's style and script.
#include "status/render/page_style.hpp"

namespace tunnel::status {

// Colours by Okabe and Ito, which people with colour blindness can tell apart.
const std::string_view page_style = R"(
:root { color-scheme: light dark; --page: #fff; --card: #f6f7f9; --text: #1b1f24; --soft: #5b6470;
  --edge: #d9dde3; --grid: #e4e7ec; --bad: #b3261e; --good: #1a7f4b; --c0: #0072b2; --c1: #c77700;
  --c2: #00806a; --c3: #c8441b; --c4: #8a4fb5; --c5: #a8577e; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171b; --card: #1d2127; --text: #e4e7eb; --soft: #98a2ae; --edge: #333a43;
    --grid: #2a3038; --bad: #ff8a80; --good: #5cc98f; --c0: #56b4e9; --c1: #e69f00; --c2: #2bc4a4;
    --c3: #f0734a; --c4: #bb8ee0; --c5: #e08fb8; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem;
  color: var(--text); background: var(--page); }
h1 { font-size: 1.25rem; margin: 0; } h2 { font-size: 1.05rem; margin: 0; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
header { display: flex; flex-wrap: wrap; gap: 0 .8rem; align-items: baseline; }
#about, .soft { color: var(--soft); }
.bad, #about.bad { color: var(--bad); } .good { color: var(--good); }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: .6rem;
  padding: .8rem 1rem; margin: 1rem 0; }
.head { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 .8rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.numbers { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .6rem 0; padding: 0;
  list-style: none; }
.numbers b { font-size: 1.15rem; font-variant-numeric: tabular-nums; display: block; line-height: 1.25; }
.numbers span { color: var(--soft); font-size: .85rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12.5rem, 100%), 1fr));
  gap: .9rem 1.2rem; }
figure { margin: 0; min-width: 0; display: flex; flex-direction: column; justify-content: flex-end; }
figcaption { font-size: .85rem; color: var(--soft); display: flex; flex-wrap: wrap; gap: 0 .7rem;
  margin-bottom: .2rem; margin-top: auto; }
.title { color: var(--text); font-weight: 600; }
.key { white-space: nowrap; } .key b { color: var(--text); font-weight: 500;
  font-variant-numeric: tabular-nums; }
.key i { display: inline-block; width: .6rem; height: .6rem; border-radius: 2px; margin-right: .3rem;
  background: currentColor; } .key i[class=""] { display: none; }
.plot { position: relative; background: var(--page); border: 1px solid var(--edge);
  border-radius: .3rem; overflow: hidden; }
.top, .bottom { position: absolute; left: .3rem; font-size: .7rem; color: var(--soft);
  pointer-events: none; font-variant-numeric: tabular-nums; }
.top { top: .05rem; } .bottom { bottom: .05rem; }
svg { display: block; width: 100%; height: 4.6rem; }
path { vector-effect: non-scaling-stroke; fill: none; }
.grid { stroke: var(--grid); stroke-width: 1; }
.line { stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.area, .bar { fill: currentColor; } .area { fill-opacity: .13; }
.whisker { stroke: currentColor; stroke-width: 1.4; stroke-opacity: .45; }
.dot { stroke: currentColor; stroke-width: 4; stroke-linecap: round; }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
.c4 { color: var(--c4); } .c5 { color: var(--c5); }
.axis { font-size: .75rem; color: var(--soft); margin: .4rem 0 0; text-align: right; }
.wide { overflow-x: auto; }
@media (max-width: 36rem) {
  body { padding: .6rem; } .card { padding: .7rem; } .numbers { gap: .2rem 1.1rem; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; }
}
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--edge);
  vertical-align: top; }
th { font-weight: 600; white-space: nowrap; color: var(--soft); font-size: .85rem; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.what { min-width: 20rem; overflow-wrap: anywhere; }
)";

// A document that is fetched runs no script, and its nodes are taken as they are: no text becomes
// HTML here.
const std::string_view page_script = R"(
'use strict';
function scrolled() { return [...document.querySelectorAll('.wide')]; }
function show(fresh) {
  if (!fresh || !fresh.getElementById('live')) throw new Error();
  if (String(getSelection())) return;
  const at = scrolled().map(wide => wide.scrollLeft);
  document.getElementById('live').replaceWith(document.adoptNode(fresh.getElementById('live')));
  scrolled().forEach((wide, i) => wide.scrollLeft = at[i] || 0);
}
function fail() {
  const about = document.getElementById('about');
  about.textContent = 'the tunnel does not answer';
  about.className = 'bad';
}
function poll() {
  setTimeout(poll, 2000);
  if (document.hidden) return;
  const request = new XMLHttpRequest();
  request.responseType = 'document';
  request.timeout = 10000;
  request.onload = () => { try { show(request.status === 200 && request.response); } catch { fail(); } };
  request.onerror = request.ontimeout = fail;
  request.open('GET', '/live');
  request.send();
}
setTimeout(poll, 2000);
)";

}  // namespace tunnel::status
