import assert from 'node:assert/strict';
import { test } from 'node:test';

import { change, location, orderId, start, startWithOrder } from './helper.js';

// The shape of an orders/create webhook, with its numbers as they stand there.
const webhook = `{"orders": [{"id": 820982911946154508, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508", "name": "#9999",
  "email": "jon@example.com", "created_at": "2021-12-31T19:00:00-05:00", "updated_at": "2021-12-31T19:00:00-05:00", "currency": "USD",
  "cancelled_at": null, "tags": "tag1, tag2", "total_price": "388.00", "location_id": null, "customer": {"id": 115310627314723954},
  "line_items": [{"id": 866550311766439020, "sku": "LAMP-1", "title": "Lamp", "quantity": 1, "variant_id": 808950810, "price": "199.00"},
                 {"id": 141249953214522974, "sku": "GONE", "title": "Gone", "quantity": 2, "variant_id": null}]}]}`;

test('an order in the shape of a webhook gets one open fulfilment order', async (t) => {
  const simulator = await start(t);
  await simulator.seed({
    locations: [{ id: location }], products: [{ variants: [{ sku: 'LAMP-1' }] }], levels: [{ location, sku: 'LAMP-1', available: 4 }],
  });
  const response = await simulator.post('/_sim/seed', webhook);
  assert.equal(response.status, 200);
  const { order } = await simulator.data(`query ($id: ID!) { order(id: $id) { legacyResourceId name email createdAt currencyCode tags
    lineItems(first: 5) { nodes { id sku quantity } } fulfillmentOrders(first: 5) { nodes { status lineItems(first: 5) { nodes {
    totalQuantity remainingQuantity lineItem { id } } } } } } }`, { id: orderId });
  const ids = ['gid://shopify/LineItem/866550311766439020', 'gid://shopify/LineItem/141249953214522974'];
  assert.deepEqual(order, {
    legacyResourceId: '820982911946154508', name: '#9999', email: 'jon@example.com', createdAt: '2022-01-01T00:00:00Z', currencyCode: 'USD',
    tags: ['tag1', 'tag2'],
    lineItems: { nodes: [{ id: ids[0], sku: 'LAMP-1', quantity: 1 }, { id: ids[1], sku: 'GONE', quantity: 2 }] },
    fulfillmentOrders: { nodes: [{ status: 'OPEN', lineItems: { nodes: [
      { totalQuantity: 1, remainingQuantity: 1, lineItem: { id: ids[0] } },
      { totalQuantity: 2, remainingQuantity: 2, lineItem: { id: ids[1] } },
    ] } }] },
  });
  const [{ available, committed, on_hand: onHand }] = (await simulator.dump()).levels;
  assert.deepEqual({ available, committed, onHand }, { available: 3, committed: 1, onHand: 4 });
});

test('an order of lines at two locations gets a fulfilment order for each', async (t) => {
  const simulator = await start(t);
  const { orders } = await simulator.seed({
    locations: [{ id: '1' }, { id: '2' }], orders: [{ lineItems: [{ sku: 'A', location: '1' }, { sku: 'B', location: '2', quantity: 3 }] }],
  });
  assert.equal(orders[0].fulfillmentOrders.length, 2);
});

test('made-up ids are beyond 2^53 and odd, so that a double would change them', async (t) => {
  const { orders } = await (await start(t)).seed({ locations: [{}], orders: [{}, {}] });
  for (const { id } of orders) {
    const number = BigInt(id.split('/').pop());
    assert.ok(number > 2n ** 53n);
    assert.notEqual(BigInt(Number(number)), number);
  }
});

test('a seed that is misspelt or names what is not there is refused', async (t) => {
  const simulator = await start(t);
  const misspelt = [{ location: [] }, { orders: [{ line_item: [] }] }];
  const wrong = [...misspelt, { levels: [{ location: '1', sku: 'A' }] }, { locations: [{ id: 'x' }] }];
  for (const body of wrong) {
    await assert.rejects(simulator.seed(body), /400/);
  }
});

test('the dump holds the journal with key, parameters and outcome', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.adjust([change({ changeFromQuantity: 8 })]);
  const { now, journal, idempotency_keys: keys } = await simulator.dump();
  assert.equal(now, '2026-11-24T12:00:00Z');
  assert.equal(keys[0].key, 'key-1');
  assert.equal(keys[0].failed, true);
  const [{ sequence, at, operation, idempotency_key: key, arguments: args, variables, outcome, replayed, user_errors: errors }] = journal;
  assert.deepEqual([sequence, at, operation, key, outcome, replayed],
    [1, '2026-11-24T12:00:00Z', 'inventoryAdjustQuantities', 'key-1', 'refused', false]);
  assert.equal(args.input.changes[0].changeFromQuantity, 8);
  assert.equal(variables.key, 'key-1');
  assert.equal(errors[0].code, 'CHANGE_FROM_QUANTITY_STALE');
});

test('statistics count root fields and the most that were there at once', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.fault({ kind: 'slow', delay_ms: 1000, match: { count: 3 } });
  const asking = [1, 2, 3].map(() => simulator.data('query { shop { name } orders(first: 1) { nodes { id } } }'));
  await simulator.until(({ concurrent }) => concurrent === 3);
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  await Promise.all(asking);
  await simulator.raw('query { nonsense }');
  const { requests, roots, statuses, max_concurrent: most, unanswered } = await simulator.stats();
  assert.deepEqual({ requests, roots, statuses, most, unanswered },
    { requests: 4, roots: { shop: 3, orders: 3 }, statuses: { 200: 4 }, most: 3, unanswered: 0 });
});

test('a reset leaves nothing: records, faults, keys, points, clock', async (t) => {
  const simulator = await startWithOrder(t);
  await simulator.adjust([change()]);
  await simulator.fault({ kind: 'refuse', match: { count: null } });
  await simulator.control('POST', 'configure', { throttle: { maximum_available: 1 }, jobs: { delay_ms: 0 } });
  await simulator.control('POST', 'reset');
  const { journal, levels, Order: orders, idempotency_keys: keys } = await simulator.dump();
  assert.deepEqual({ journal, levels, orders, keys }, { journal: [], levels: [], orders: undefined, keys: [] });
  const { extensions } = await simulator.ask('query { shop { name } }');
  assert.equal(extensions.cost.throttleStatus.maximumAvailable, 2000);
  assert.equal((await simulator.control('GET', 'clock')).frozen, false);
});

test('the clock is set, moved, and let go', async (t) => {
  const simulator = await start(t);
  assert.deepEqual(await simulator.control('POST', 'clock', { set: '2030-01-01T00:00:00Z', advance_ms: 1500 }),
    { now: '2030-01-01T00:00:01.500Z', frozen: true });
  assert.equal((await simulator.control('POST', 'clock', { real: true })).frozen, false);
  await assert.rejects(simulator.control('POST', 'clock', { set: 'tomorrow' }), /400/);
});

test('a setting that is misspelt is not taken', async (t) => {
  const simulator = await start(t);
  for (const body of [{ throttle: { maximum: 1 } }, { speed: { x: 1 } }]) {
    await assert.rejects(simulator.control('POST', 'configure', body), /400/);
  }
});

test('there is no other control route', async (t) => {
  await assert.rejects((await start(t)).control('POST', 'shutdown'), /404/);
});
