import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startWithOrder } from './helper.js';

const small = { throttle: { maximum_available: 20, restore_rate: 2 } };
const tenPoints = 'mutation { fulfillmentTrackingInfoUpdate(fulfillmentId: "gid://shopify/Fulfillment/1", trackingInfoInput: {}) {'
  + ' userErrors { message } } }';

test('every answer says what it cost and what is left', async (t) => {
  const simulator = await startWithOrder(t);
  const { extensions } = await simulator.ask('query { shop { name } }');
  assert.deepEqual(extensions.cost, { requestedQueryCost: 1, actualQueryCost: 1,
    throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1999, restoreRate: 100 } });
});

test('the requested cost is needed, the actual one is paid', async (t) => {
  const simulator = await startWithOrder(t);
  const { extensions: { cost } } = await simulator.ask('query { orders(first: 100) { nodes { id } } }');
  assert.equal(cost.requestedQueryCost, 11);
  assert.equal(cost.actualQueryCost, 3);
  assert.equal(cost.throttleStatus.currentlyAvailable, 1997);
});

for (const form of [200, 429]) {
  test(`an empty bucket answers THROTTLED with HTTP ${form} and no data, until it has filled again`, async (t) => {
    const simulator = await startWithOrder(t, { throttle: { ...small.throttle, form } });
    await simulator.data(tenPoints);
    await simulator.data(tenPoints);
    const { status, headers, data, errors, extensions } = await simulator.ask(tenPoints);
    assert.equal(status, form);
    assert.equal(headers.get('retry-after'), form === 429 ? '5.0' : null);
    assert.equal(data, undefined);
    assert.deepEqual(errors, [{ message: 'Throttled',
      extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' } }]);
    assert.deepEqual(extensions.cost, { requestedQueryCost: 10, actualQueryCost: null,
      throttleStatus: { maximumAvailable: 20, currentlyAvailable: 0, restoreRate: 2 } });
    await simulator.control('POST', 'clock', { advance_ms: 4999 });
    assert.equal((await simulator.ask(tenPoints)).status, form);
    await simulator.control('POST', 'clock', { advance_ms: 1 });
    assert.equal((await simulator.ask(tenPoints)).extensions.cost.actualQueryCost, 10);
    assert.equal((await simulator.stats()).throttled, 2);
  });
}

test('a throttled mutation is not carried out', async (t) => {
  const simulator = await startWithOrder(t);
  const { id } = await simulator.fulfillmentOrder();
  await simulator.control('POST', 'configure', { throttle: { currently_available: 0 } });
  const { errors } = await simulator.ask(`mutation ($id: ID!) { fulfillmentCreate(fulfillment: {
    lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) { userErrors { message } } }`, { id });
  assert.equal(errors[0].extensions.code, 'THROTTLED');
  assert.deepEqual((await simulator.dump()).journal, []);
});

test('a query beyond the limit of a single query is refused whatever the bucket holds', async (t) => {
  const { errors } = await (await startWithOrder(t)).ask(`query { orders(first: 250) { nodes { fulfillmentOrders(first: 250) { nodes {
    lineItems(first: 250) { nodes { lineItem { id } } } } } } } }`);
  assert.equal(errors[0].extensions.code, 'MAX_COST_EXCEEDED');
  assert.equal(errors[0].extensions.maxCost, 1000);
});
