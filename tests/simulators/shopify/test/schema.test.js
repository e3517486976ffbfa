import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { buildSchema, parse, printSchema, validate, lexicographicSortSchema } from 'graphql';

import { knownBadDocuments, knownGoodDocument } from '../canaries.js';
import { schema, start } from './helper.js';

for (const document of knownBadDocuments) {
  test(`Shopify's schema rejects ${document.replace(/\s+/g, ' ').slice(0, 90)}`, async (t) => {
    const simulator = await start(t);
    const { status, errors, data } = await simulator.ask(document);
    assert.equal(status, 200);
    assert.ok(errors.length > 0);
    assert.equal(data, undefined);
    assert.deepEqual((await simulator.dump()).journal, []);
  });
}

test('the known-good document passes', () => {
  assert.deepEqual(validate(schema, parse(knownGoodDocument)), []);
});

test('an unknown field is refused in Shopify\'s words', async (t) => {
  const { errors } = await (await start(t)).ask('query { order(id: "gid://shopify/Order/1") { total_price } }');
  assert.equal(errors[0].message, "Field 'total_price' doesn't exist on type 'Order'");
  assert.deepEqual(errors[0].extensions, { code: 'undefinedField', typeName: 'Order', fieldName: 'total_price' });
});

test('a variable that the schema does not allow is refused with its place', async (t) => {
  const { errors } = await (await start(t)).ask('query ($id: ID!) { order(id: $id) { id } }', { id: 'not-a-gid' });
  assert.equal(errors[0].message, 'Variable $id of type ID! was provided invalid value');
  assert.deepEqual(errors[0].extensions,
    { code: 'INVALID_VARIABLE', value: 'not-a-gid', problems: [{ path: [], explanation: "Invalid global id 'not-a-gid'" }] });
});

test('an id in the document itself has to be a global id too', async (t) => {
  const { errors } = await (await start(t)).ask('query { order(id: "1001") { id } }');
  assert.equal(errors[0].message, "Invalid global id '1001'");
  assert.equal(errors[0].extensions.code, 'argumentLiteralsIncompatible');
});

test('a request without a query, and one that is no GraphQL', async (t) => {
  const simulator = await start(t);
  const response = await simulator.raw(undefined);
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), { errors: { query: 'Required parameter missing or invalid' } });
  const { errors } = await simulator.ask('query {');
  assert.match(errors[0].message, /Syntax Error/);
});

test('the printed schema that the facts were read from is the one the simulator serves', {
  skip: process.env.SLUICE_SHOPIFY_SDL ? false : 'SLUICE_SHOPIFY_SDL names no printed schema',
}, () => {
  const printed = buildSchema(readFileSync(process.env.SLUICE_SHOPIFY_SDL, 'utf8'));
  const text = (one) => printSchema(lexicographicSortSchema(one));
  assert.ok(text(printed) === text(schema), 'the schemas differ');
});
