// orders.json: what a reconciliation reads.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { start, token } from './helper.js';

const path = '/admin/api/2026-10/orders.json';
const order = (id, second) => `{"id":${id},"rate":0.10,"updated_at":"2026-11-02T00:00:0${second}+00:00"}`;

async function startWithFive(t) {
  const simulator = await start(t);
  await simulator.control('POST', 'documents', {
    documents: [order('9007199254740993', 3), order('2', 1), order('3', 2), order('4', 2), order('5', 5)] });
  return simulator;
}

const get = (simulator, url, headers = { 'x-shopify-access-token': token }) => fetch(url.startsWith('http') ? url : simulator.base + path + url, { headers });

test('orders come by update time, page by page, byte for byte', async (t) => {
  const simulator = await startWithFive(t);
  const met = [];
  let url = '?status=any&order=updated_at+asc&limit=2&updated_at_min=2026-11-02T00:00:02.000Z';
  while (url) {
    const answer = await get(simulator, url);
    assert.equal(answer.status, 200);
    met.push((await answer.text()).slice('{"orders":['.length, -2));
    url = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(met, [`${order('3', 2)},${order('4', 2)}`, `${order('9007199254740993', 3)},${order('5', 5)}`]);
});

test('by ids those that are there, and what is removed is not', async (t) => {
  const simulator = await startWithFive(t);
  await simulator.control('POST', 'documents', { remove: ['4'] });
  const answer = await get(simulator, '?status=any&ids=4,9007199254740993,77');
  assert.equal(await answer.text(), `{"orders":[${order('9007199254740993', 3)}]}`);
});

test('a page has no filters of its own, nobody is let in without a token, and what is not known is refused', async (t) => {
  const simulator = await startWithFive(t);
  assert.equal((await get(simulator, '?page_info=e30&status=any')).status, 400);
  assert.equal((await get(simulator, '?status=any&order=updated_at+asc', {})).status, 401);
  assert.equal((await get(simulator, '?status=any&fields=id')).status, 501);
  assert.equal((await get(simulator, '?order=updated_at+asc')).status, 501);
});
