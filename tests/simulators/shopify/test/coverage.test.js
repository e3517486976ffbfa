import assert from 'node:assert/strict';
import { test } from 'node:test';

import { change, adjustDocument, orderId, startWithOrder } from './helper.js';

// What is asked, and what the refusal names.
const refused = [
  ['query { order(id: "gid://shopify/Order/1") { id totalPriceSet { shopMoney { amount } } } }', 'Order.totalPriceSet'],
  ['query { products(first: 1) { nodes { id } } }', 'QueryRoot.products'],
  ['query { orders(first: 1, sortKey: TOTAL_PRICE) { nodes { id } } }', 'QueryRoot.orders(sortKey: TOTAL_PRICE)'],
  ['query { orders(first: 1, query: "financial_status:paid") { nodes { id } } }', 'QueryRoot.orders(query: "financial_status:")'],
  ['query { orders(first: 1, query: "name:#1001 OR name:#1002") { nodes { id } } }', 'QueryRoot.orders(query: "OR name:#1002")'],
  ['query { orders(first: 1, query: "updated_at:>2026-11-01T00:00:00") { nodes { id } } }', 'the time "2026-11-01T00:00:00" in a search'],
  ['query { productVariants(first: 1, query: "sku:LAMP*") { nodes { id } } }', 'QueryRoot.productVariants(query: "sku:LAMP*")'],
  [`query { order(id: "${orderId}") { fulfillmentOrders(first: 1, displayable: true) { nodes { id } } } }`,
    'Order.fulfillmentOrders(displayable:)'],
  ['query { node(id: "gid://shopify/Customer/1") { id } }', 'QueryRoot.node for Customer'],
  ['query { inventoryItem(id: "gid://shopify/InventoryItem/49148385") { inventoryLevels(first: 1) { nodes { '
    + 'quantities(names: ["incoming"]) { quantity } } } } }', 'InventoryLevel.quantities(names: "incoming")'],
  ['mutation { orderClose(input: {id: "gid://shopify/Order/1"}) { userErrors { message } } }', 'Mutation.orderClose'],
  [`mutation { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: [], originAddress: {countryCode: "DE"}}) {
    userErrors { message } } }`, 'FulfillmentInput.originAddress'],
  ['query { ...Everything } fragment Everything on QueryRoot { shop { name } }', 'a fragment at the root of an operation'],
];

for (const [document, name] of refused) {
  test(`what is not implemented answers 501 and names ${name}`, async (t) => {
    const { status, errors, unimplemented, data } = await (await startWithOrder(t)).ask(document);
    assert.equal(status, 501);
    assert.equal(unimplemented, name);
    assert.match(errors, /^not implemented by the simulator: /);
    assert.equal(data, undefined);
  });
}

test('a mutation that also asks for an unimplemented field is not carried out', async (t) => {
  const simulator = await startWithOrder(t);
  const document = adjustDocument.replace('changes { name delta }', 'changes { name delta } staffMember { id }');
  const input = { name: 'available', reason: 'correction', changes: [change()] };
  const { status, unimplemented } = await simulator.ask(document, { input, key: 'k' });
  assert.equal(status, 501);
  assert.equal(unimplemented, 'InventoryAdjustmentGroup.staffMember');
  assert.deepEqual(await simulator.quantities(), { available: 3, committed: 2, on_hand: 5 });
  assert.deepEqual((await simulator.dump()).journal, []);
});

test('an argument that repeats the default asks for nothing', async (t) => {
  const document = 'query { orders(first: 1, reverse: false, query: null, savedSearchId: null) { nodes { id } } }';
  const data = await (await startWithOrder(t)).data(document);
  assert.deepEqual(data, { orders: { nodes: [{ id: orderId }] } });
});

test('another content type is refused, not guessed', async (t) => {
  const simulator = await startWithOrder(t);
  assert.equal((await simulator.raw('query { shop { name } }', {}, { 'content-type': 'application/graphql' })).status, 501);
});
