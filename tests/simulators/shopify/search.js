// The part of Shopify's search syntax that a connector needs: `field:value`, quoted values, >, >=, <, <=, joined by spaces or AND.
// OR, NOT, prefixes and unknown fields are refused, not guessed.

import { Unimplemented } from './errors.js';

const term = /\s*(?:([A-Za-z_]+):(>=|<=|>|<)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s()'"]+)))(?=\s|$)/y;

// `readers` maps a field to what a record holds for it: { updated_at: (order) => order.updatedAt }. `where` names the field queried.
export function search(records, query, readers, where) {
  const terms = parse(query ?? '', where);
  for (const { field } of terms) {
    if (!Object.hasOwn(readers, field)) {
      throw new Unimplemented(`${where}(query: "${field}:")`);
    }
  }
  return records.filter((record) => terms.every(({ field, operator, value }) => matches(readers[field](record), operator, value)));
}

function parse(query, where) {
  const terms = [];
  let position = 0;
  const rest = () => query.slice(position);
  while (rest().trim() !== '') {
    if (terms.length > 0 && /^\s+AND\s/.test(rest())) {
      position += rest().indexOf('AND') + 3;
    }
    term.lastIndex = position;
    const match = term.exec(query);
    if (!match || match[5]?.includes('*')) {
      throw new Unimplemented(`${where}(query: ${JSON.stringify(rest().trim())})`);
    }
    position = term.lastIndex;
    const quoted = match[3] ?? match[4];
    terms.push({ field: match[1], operator: match[2] ?? '=', value: quoted === undefined ? match[5] : quoted.replace(/\\(.)/g, '$1') });
  }
  return terms;
}

function matches(held, operator, value) {
  if (held === null || held === undefined) {
    return false;
  }
  if (/^\d{4}-\d\d-\d\d/.test(held)) {
    return compares(Date.parse(held), operator, instant(value));
  }
  if (/^\d+$/.test(held) && /^\d+$/.test(value)) {
    return compares(BigInt(held), operator, BigInt(value));
  }
  // The whole value; Shopify's search does not mind the case of letters, so whoever needs the exact one compares again.
  return operator === '=' && held.toLowerCase() === value.toLowerCase();
}

// A day begins at midnight UTC here. A time without its zone would be the shop's, which the simulator does not have.
function instant(value) {
  const text = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value;
  const milliseconds = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds)) {
    throw new Unimplemented(`the time ${JSON.stringify(value)} in a search`);
  }
  return milliseconds;
}

function compares(held, operator, value) {
  switch (operator) {
    case '>': return held > value;
    case '>=': return held >= value;
    case '<': return held < value;
    case '<=': return held <= value;
    default: return held === value;
  }
}
