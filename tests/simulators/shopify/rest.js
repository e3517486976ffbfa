// The REST Admin API as far as a reconciliation needs it: orders.json. It is legacy, and still the one whose orders are those that
// webhooks carry. A document is a test's own text, given back byte for byte: no number of it passes through a double.
// Rules: https://shopify.dev/docs/api/admin-rest/latest/resources/order and /usage/pagination.

import { parseJson } from './json.js';
import { apiVersion } from './schema.js';

export const ordersPath = `/admin/api/${apiVersion}/orders.json`;

const largestPage = 250;
const listKeys = ['status', 'limit', 'order', 'updated_at_min', 'updated_at_max', 'ids'];
const pageKeys = ['limit', 'page_info'];

export class RestOrders {
  #documents = new Map();
  // The most orders a page has, whatever is asked for: so that few orders are several pages.
  settings = { max_page: largestPage };

  put(text) {
    const { id, updated_at: updatedAt } = parseJson(text);
    this.#documents.set(String(id), { id: String(id), updatedAt: Date.parse(updatedAt), text });
  }

  remove(id) {
    return this.#documents.delete(String(id));
  }

  // `base`: the scheme and authority that the caller used, for the next page's address.
  answer(query, base) {
    const given = Object.fromEntries(query);
    const keys = given.page_info === undefined ? listKeys : pageKeys;
    const unknown = Object.keys(given).find((key) => !keys.includes(key));
    if (unknown !== undefined && given.page_info !== undefined) {
      return refuse(400, { [unknown]: `${unknown} cannot be passed when page_info is present. See https://shopify.dev/api/usage/pagination-rest for more information.` });
    }
    if (unknown !== undefined) {
      return { status: 501, body: { errors: `not implemented by the simulator: ${unknown}`, unimplemented: unknown } };
    }
    const asked = given.page_info === undefined ? given : JSON.parse(Buffer.from(given.page_info, 'base64url').toString('utf8'));
    if (asked.status !== 'any' || (asked.ids === undefined && asked.order !== 'updated_at asc')) {
      return { status: 501, body: { errors: 'the simulator lists orders of any status, by ids or in the order updated_at asc' } };
    }
    const limit = Math.min(Number(given.limit ?? 50), this.settings.max_page);
    if (!(limit >= 1 && limit <= largestPage)) {
      return refuse(400, { limit: 'Limit must be an integer between 1 and 250' });
    }
    const found = this.#matching(asked);
    const page = found.slice(0, limit);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    if (found.length > limit) {
      const last = page.at(-1);
      const info = Buffer.from(JSON.stringify({ ...asked, after: [last.updatedAt, last.id] })).toString('base64url');
      headers.link = `<${base}${ordersPath}?limit=${given.limit ?? 50}&page_info=${info}>; rel="next"`;
    }
    return { status: 200, headers, body: `{"orders":[${page.map(({ text }) => text).join(',')}]}` };
  }

  #matching({ ids, updated_at_min: from, updated_at_max: to, after = null }) {
    const wanted = ids?.split(',');
    return [...this.#documents.values()]
      .filter(({ id }) => !wanted || wanted.includes(id))
      .filter(({ updatedAt }) => (from === undefined || updatedAt >= Date.parse(from)) && (to === undefined || updatedAt <= Date.parse(to)))
      .sort(compare)
      .filter((order) => after === null || compare(order, { updatedAt: after[0], id: after[1] }) > 0);
  }
}

function compare(left, right) {
  if (left.updatedAt !== right.updatedAt) {
    return left.updatedAt - right.updatedAt;
  }
  return BigInt(left.id) < BigInt(right.id) ? -1 : Number(left.id !== right.id);
}

function refuse(status, errors) {
  return { status, body: { errors } };
}
