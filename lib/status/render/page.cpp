// The page for a browser: fetches /status every two seconds, and sets values as text, never as
// HTML.
#include <fmt/format.h>

#include "status/routes.hpp"

namespace tunnel::status {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --soft: #8884; --bad: #c33; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
#about { opacity: .7; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--soft);
         vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } .n { text-align: right; white-space: nowrap;
     font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); } .none { opacity: .6; }
)";

constexpr std::string_view script = R"(
'use strict';
let last = null;
const at = id => document.getElementById(id);
function bytes(n) {
  for (const unit of ['B', 'kB', 'MB', 'GB', 'TB']) {
    if (n < 1000 || unit === 'TB') return (unit === 'B' ? Math.round(n) : n.toFixed(1)) + ' ' + unit;
    n /= 1000;
  }
}
function span(s) {
  if (s < 60) return Math.floor(s) + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min';
  if (s < 172800) return Math.floor(s / 3600) + ' h';
  return Math.floor(s / 86400) + ' days';
}
function fill(id, rows, none) {
  const body = at(id).tBodies[0];
  body.replaceChildren(...rows.map(cells => {
    const row = document.createElement('tr');
    for (const cell of cells) {
      const td = document.createElement('td');
      td.textContent = cell.text ?? cell;
      if (cell.kind) td.className = cell.kind;
      row.append(td);
    }
    return row;
  }));
  at(id).hidden = rows.length === 0;
  at(id + '-none').hidden = rows.length > 0;
}
const n = text => ({text: String(text), kind: 'n'});
function rate(now, then, seconds, key) {
  return n(then && seconds > 0 && now[key] >= then[key] ? bytes((now[key] - then[key]) / seconds) + '/s' : '');
}
function certificate(c) {
  if (!c) return '';
  if (c.seconds_left <= 0) return {text: 'expired', kind: 'bad'};
  return {text: span(c.seconds_left) + ' left', kind: c.seconds_left < 30 * 86400 ? 'bad' : ''};
}
function state(x) {
  const lost = x.state === 'open' && !x.reachable ? ', no target reached' : '';
  if (x.seconds_left === undefined) return lost ? {text: x.state + lost, kind: 'bad'} : x.state;
  return {text: x.state + lost + ', closes in ' + span(x.seconds_left),
          kind: lost || x.seconds_left < 300 ? 'bad' : ''};
}
function show(s) {
  const seconds = last ? (Date.parse(s.time) - Date.parse(last.time)) / 1000 : 0;
  const key = c => c.service + '#' + c.connection;
  const then = new Map(last ? last.services.map(x => [x.service, x]).concat(
    last.connections.map(c => [key(c), c])) : []);
  at('about').textContent = 'tunnel ' + s.version + ', for ' +
    span((Date.parse(s.time) - Date.parse(s.started)) / 1000) + (s.draining ? ', stopping' : '') +
    (s.last_reload_good ? '' : ', the last reload failed') +
    (s.log_lines_lost ? ', ' + s.log_lines_lost + ' lines of the log were lost' : '');
  fill('services', s.services.map(x => [x.service, x.mode, state(x), x.listen.join(' '), x.connect.join(' '),
    n(x.open), n(x.opened), n(x.failed), n(bytes(x.up)), n(bytes(x.down)),
    rate(x, then.get(x.service), seconds, 'up'), rate(x, then.get(x.service), seconds, 'down'),
    certificate(x.certificate)]));
  fill('connections', s.connections.map(c => [key(c), c.peer + (c.client ? ' (' + c.client + ')' : ''),
    c.open ? c.upstream_address : 'opening', n(span(c.seconds)), n(bytes(c.up)), n(bytes(c.down)),
    rate(c, then.get(key(c)), seconds, 'up'), rate(c, then.get(key(c)), seconds, 'down')]));
  at('more').textContent = s.connections_not_shown ? 'and ' + s.connections_not_shown + ' more' : '';
  fill('recent', s.recent.map(r => [r.time.slice(0, 19).replace('T', ' '),
    {text: r.level, kind: r.level === 'error' ? 'bad' : ''},
    r.service ? r.service + (r.connection ? '#' + r.connection : '') : '', r.message]));
  last = s;
}
async function poll() {
  try {
    const answer = await fetch('/status', {cache: 'no-store'});
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    at('about').className = '';
  } catch (error) {
    at('about').textContent = 'the tunnel does not answer';
    at('about').className = 'bad';
    last = null;
  }
  setTimeout(poll, 2000);
}
poll();
)";

constexpr std::string_view body = R"(
<h1>tunnel</h1><div id="about">asking</div>
<h2>Services</h2>
<div class="wide"><table id="services" hidden><thead><tr><th>service<th>mode<th>state<th>listens on<th>target
<th class="n">open<th class="n">opened<th class="n">failed<th class="n">up<th class="n">down
<th class="n">up now<th class="n">down now<th>certificate</tr></thead><tbody></tbody></table></div>
<div id="services-none" class="none">none</div>
<h2>Connections</h2>
<div class="wide"><table id="connections" hidden><thead><tr><th>connection<th>from<th>to<th class="n">for
<th class="n">up<th class="n">down<th class="n">up now<th class="n">down now</tr></thead><tbody></tbody></table></div>
<div id="connections-none" class="none">none</div><div id="more"></div>
<h2>Last errors and warnings</h2>
<div class="wide"><table id="recent" hidden><thead><tr><th>time (UTC)<th>level<th>who<th>what</tr></thead>
<tbody></tbody></table></div>
<div id="recent-none" class="none">none</div>
)";

}  // namespace

std::string page(const std::string& nonce) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>tunnel</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<style nonce=\"{0}\">{1}</style></head><body>{2}<script nonce=\"{0}\">{3}</script></body>"
      "</html>\n",
      nonce, style, body, script);
}

}  // namespace tunnel::status
