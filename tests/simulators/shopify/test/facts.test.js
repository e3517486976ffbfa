// The vendor facts that were marked [S] (read in the schema) or [R] (run against it), one test each under the fact's own words.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parse, validate, validateSchema } from 'graphql';

import { adjustDocument, fulfilDocument, orderId, schema, setDocument, startWithOrder } from './helper.js';

const fieldsOf = (type) => schema.getType(type).getFields();
const codesOf = (type) => schema.getType(type).getValues().map(({ name }) => name);
const documented = (mutation) => /@idempotent/.test(fieldsOf('Mutation')[mutation].description);

test('[R] 2026-10: 3546 types, 288 queries, 524 mutations, validateSchema 0 errors', () => {
  assert.equal(Object.keys(schema.getTypeMap()).length, 3546);
  assert.equal(Object.keys(fieldsOf('QueryRoot')).length, 288);
  assert.equal(Object.keys(fieldsOf('Mutation')).length, 524);
  assert.deepEqual(validateSchema(schema), []);
});

const valid = {
  'order fetch with fulfillmentOrders': `query ($id: ID!) { order(id: $id) { id name fulfillmentOrders(first: 10) { nodes { id status
    lineItems(first: 50) { nodes { id remainingQuantity totalQuantity lineItem { id sku } } } } } } }`,
  'orders reconcile': `query ($after: String) { orders(first: 50, after: $after, query: "updated_at:>'2026-11-24T00:00:00Z'",
    sortKey: UPDATED_AT) { nodes { id name updatedAt } pageInfo { hasNextPage endCursor } } }`,
  inventorySetQuantities: setDocument,
  fulfillmentCreate: fulfilDocument,
  orderCancel: `mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true, notifyCustomer: false) { job { id done }
    orderCancelUserErrors { code field message } } }`,
  'webhookSubscriptionCreate with uri': `mutation { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {
    uri: "https://sluice.example/" }) { webhookSubscription { id } userErrors { field message } } }`,
};

for (const [call, document] of Object.entries(valid)) {
  test(`[R] valid against 2026-10: ${call}`, () => assert.deepEqual(validate(schema, parse(document)), []));
}

test('[R] invalid as expected: compareQuantity, ignoreCompareQuantity, order{total_price}, fulfillmentCreate without argument', () => {
  assert.equal(fieldsOf('InventoryQuantityInput').compareQuantity, undefined);
  assert.equal(fieldsOf('InventorySetQuantitiesInput').ignoreCompareQuantity, undefined);
  const wrong = ['{ order(id: "gid://shopify/Order/1") { total_price } }', 'mutation { fulfillmentCreate { fulfillment { id } } }'];
  for (const document of wrong) {
    assert.notDeepEqual(validate(schema, parse(document)), []);
  }
});

test('[S] webhookSubscription: callbackUrl is deprecated, uri is not', () => {
  const { callbackUrl, uri } = fieldsOf('WebhookSubscriptionInput');
  assert.ok(callbackUrl.deprecationReason);
  assert.equal(uri.deprecationReason ?? null, null);
});

test('[S] changeFromQuantity: Int on InventoryQuantityInput and InventoryChangeInput; directive @idempotent(key: String!) on FIELD', () => {
  assert.equal(String(fieldsOf('InventoryQuantityInput').changeFromQuantity.type), 'Int');
  assert.equal(String(fieldsOf('InventoryChangeInput').changeFromQuantity.type), 'Int');
  const directive = schema.getDirective('idempotent');
  assert.deepEqual(directive.locations, ['FIELD']);
  assert.deepEqual(directive.args.map(({ name, type }) => [name, String(type)]), [['key', 'String!']]);
});

test('[S] the description of inventorySetQuantities still describes compareQuantity: trust the types', () => {
  assert.match(fieldsOf('Mutation').inventorySetQuantities.description, /compareQuantity/);
});

test('[S] changeFromQuantity is mandatory: you must explicitly pass a value, even null', () => {
  for (const type of ['InventoryQuantityInput', 'InventoryChangeInput']) {
    const { description } = fieldsOf(type).changeFromQuantity;
    assert.match(description, /mandatory: you must explicitly pass in a value, even if that\s+value is `null`/);
  }
});

test('[R] a document without changeFromQuantity and without @idempotent passes graphql-js, and fails here', async (t) => {
  const document = `mutation { inventoryAdjustQuantities(input: { name: "available", reason: "correction", changes: [
    { inventoryItemId: "gid://shopify/InventoryItem/49148385", locationId: "gid://shopify/Location/655441491", delta: 1 }
  ] }) { userErrors { message } } }`;
  assert.deepEqual(validate(schema, parse(document)), []);
  const { errors, data } = await (await startWithOrder(t)).ask(document);
  assert.equal(errors[0].extensions.code, 'INVALID_FIELD_ARGUMENTS');
  assert.deepEqual(data, { inventoryAdjustQuantities: null });
});

for (const type of ['InventorySetQuantitiesUserErrorCode', 'InventoryAdjustQuantitiesUserErrorCode']) {
  test(`[S] ${type} has the four codes of comparison and idempotency`, () => {
    for (const code of ['CHANGE_FROM_QUANTITY_STALE', 'IDEMPOTENCY_CONCURRENT_REQUEST', 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
      'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']) {
      assert.ok(codesOf(type).includes(code), code);
    }
  });
}

test('[S] documented idempotent: the inventory mutations and refundCreate', () => {
  const inventory = ['inventorySetQuantities', 'inventoryAdjustQuantities', 'inventoryMoveQuantities', 'inventoryActivate'];
  for (const mutation of [...inventory, 'refundCreate', 'locationActivate', 'locationDeactivate']) {
    assert.ok(documented(mutation), mutation);
  }
});

test('[S] not documented idempotent: fulfillmentCreate, orderCancel, webhookSubscriptionCreate', () => {
  for (const mutation of ['fulfillmentCreate', 'orderCancel', 'webhookSubscriptionCreate']) {
    assert.ok(!documented(mutation), mutation);
  }
});

test('[S] after an unknown outcome remainingQuantity and cancelledAt tell what happened', async (t) => {
  const simulator = await startWithOrder(t);
  const { id, lineItems } = await simulator.fulfillmentOrder();
  await simulator.fault({ kind: 'die_after_apply', match: { operation: 'fulfillmentCreate' } });
  const part = [{ id: lineItems.nodes[0].id, quantity: 1 }];
  await assert.rejects(simulator.fulfil({ lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: id, fulfillmentOrderLineItems: part }] }));
  assert.equal((await simulator.fulfillmentOrder()).lineItems.nodes[0].remainingQuantity, 1);
  const { orders } = await simulator.seed({ orders: [{ lineItems: [{ sku: 'LAMP-1' }] }] });
  await simulator.fault({ kind: 'die_after_apply', match: { operation: 'orderCancel' } });
  await assert.rejects(simulator.data(valid.orderCancel, { id: orders[0].id }));
  await simulator.control('POST', 'clock', { advance_ms: 1000 });
  const { order } = await simulator.data('query ($id: ID!) { order(id: $id) { cancelledAt } }', { id: orders[0].id });
  assert.equal(order.cancelledAt, '2026-11-24T12:00:01Z');
});

test('[S] inventorySetQuantities: the name is available or on_hand', async (t) => {
  const simulator = await startWithOrder(t);
  for (const [name, codes] of [['available', []], ['on_hand', []], ['committed', ['INVALID_NAME']]]) {
    const { userErrors } = await simulator.set([{ inventoryItemId: 'gid://shopify/InventoryItem/49148385',
      locationId: 'gid://shopify/Location/655441491', quantity: 7, changeFromQuantity: null }], { name, key: name });
    assert.deepEqual(userErrors.map(({ code }) => code), codes);
  }
});

test('[S] orderCancel is asynchronous (job), with its errors in orderCancelUserErrors', () => {
  assert.deepEqual(Object.keys(fieldsOf('OrderCancelPayload')).sort(), ['job', 'jobResult', 'orderCancelUserErrors', 'userErrors']);
  assert.ok(fieldsOf('OrderCancelPayload').userErrors.deprecationReason);
});

test('[S] requestStatus has CANCELLATION_REQUESTED, CANCELLATION_ACCEPTED and CANCELLATION_REJECTED', () => {
  const statuses = codesOf('FulfillmentOrderRequestStatus').filter((name) => name.startsWith('CANCELLATION_'));
  assert.deepEqual(statuses, ['CANCELLATION_ACCEPTED', 'CANCELLATION_REJECTED', 'CANCELLATION_REQUESTED']);
});

test('[S] HTTP 2xx is not success: a refused mutation answers 200 with userErrors', async (t) => {
  const simulator = await startWithOrder(t);
  const input = { name: 'on_hand', reason: 'correction', changes: [] };
  const { status, errors, data } = await simulator.ask(adjustDocument, { key: 'k', input });
  assert.equal(status, 200);
  assert.equal(errors, undefined);
  assert.equal(data.inventoryAdjustQuantities.userErrors.length, 1);
});

test('ids exceed 2^53 (820982911946154508) and stay exact as text', async (t) => {
  const { order } = await (await startWithOrder(t)).data('query ($id: ID!) { order(id: $id) { id legacyResourceId } }', { id: orderId });
  assert.equal(order.legacyResourceId, '820982911946154508');
  assert.notEqual(String(Number(order.legacyResourceId)), order.legacyResourceId);
});
