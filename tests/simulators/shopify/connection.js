// Relay paging as Shopify does it: nodes or edges, pageInfo, opaque cursors of id and sort value.

import { VendorError } from './errors.js';
import { compareIds } from './gid.js';

export const pagingArguments = ['first', 'last', 'after', 'before', 'reverse'];

// The page that `args` asks for. `valueOf` gives the sort value; ties are broken by id, so that a cursor is never ambiguous.
export function page(records, args, valueOf = () => '') {
  const { first, last, after, before, reverse = false } = args;
  if ((first ?? null) === null && (last ?? null) === null) {
    throw new VendorError('you must provide one of first or last', 'BAD_REQUEST');
  }
  const direction = reverse ? -1 : 1;
  const keyed = records.map((record) => ({ record, key: { last_id: record.id, last_value: valueOf(record) } }));
  keyed.sort((left, right) => direction * compareKeys(left.key, right.key));
  const beyond = (cursor, sign) => ({ key }) => sign * direction * compareKeys(key, decode(cursor)) > 0;
  const from = after ? keyed.filter(beyond(after, 1)) : keyed;
  const window = before ? from.filter(beyond(before, -1)) : from;
  const head = (first ?? null) === null ? window : window.slice(0, first);
  const kept = (last ?? null) === null ? head : head.slice(Math.max(0, head.length - last));
  const edges = kept.map(({ record, key }) => ({ node: record, cursor: encode(key) }));
  const position = (entry) => keyed.indexOf(entry);
  return {
    nodes: kept.map(({ record }) => record),
    edges,
    pageInfo: {
      hasNextPage: kept.length > 0 ? position(kept[kept.length - 1]) < keyed.length - 1 : false,
      hasPreviousPage: kept.length > 0 ? position(kept[0]) > 0 : Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges[edges.length - 1]?.cursor ?? null,
    },
  };
}

// An entry for coverage.js of a connection that keeps the order of its records, as an order's lines stand in the order.
export function connection(records) {
  return {
    takes: pagingArguments,
    resolve: (source, args, context) => {
      const positions = new Map(records(source, context).map((record, index) => [record, index]));
      return page([...positions.keys()], args, (record) => positions.get(record));
    },
  };
}

function compareKeys(left, right) {
  if (left.last_value !== right.last_value) {
    return left.last_value < right.last_value ? -1 : 1;
  }
  return compareIds(left.last_id, right.last_id);
}

function encode(key) {
  return Buffer.from(JSON.stringify(key)).toString('base64');
}

function decode(cursor) {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'));
    if (typeof key.last_id === 'string') {
      return key;
    }
  } catch {
    // Falls through: not one of ours.
  }
  throw new VendorError('Invalid cursor for current pagination sort.', 'BAD_REQUEST');
}
