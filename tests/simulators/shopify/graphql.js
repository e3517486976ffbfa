// One GraphQL request: parsed, validated, coerced and executed by graphql-js against Shopify's schema, in the order in which a request
// can fail. `prepare` changes nothing; `execute` does.

import {
  coerceInputValue, execute, getNamedType, getNullableType, getOperationAST, isInputObjectType, isListType, isNonNullType, parse,
  typeFromAST, validate, valueFromAST,
} from 'graphql';

import { Coverage } from './coverage.js';
import { costOf } from './cost.js';
import { Unimplemented, VendorError } from './errors.js';
import { parseGid } from './gid.js';
import { idempotencyKeyOf } from './mutation.js';
import { cancellation } from './cancel.js';
import * as catalog from './catalog.js';
import * as fulfilment from './fulfilment.js';
import * as inventory from './inventory.js';
import { inventoryMutations } from './inventory_mutations.js';
import * as locations from './locations.js';
import * as orders from './orders.js';
import * as shop from './shop.js';
import { explain, syntaxAnswer, validationAnswer, variableAnswer } from './vendor_errors.js';
import * as webhooks from './webhooks.js';

export class GraphqlEndpoint {
  #schema;
  #coverage;

  constructor(schema) {
    this.#schema = schema;
    this.#coverage = new Coverage(schema, [shop, catalog, locations, inventory, inventoryMutations(schema), orders, cancellation(schema),
      fulfilment, webhooks]);
  }

  // { answer } where the request fails before anything is carried out, else what execute needs and what faults are matched by.
  prepare(body) {
    if (typeof body?.query !== 'string') {
      return { answer: { status: 400, body: { errors: { query: 'Required parameter missing or invalid' } } } };
    }
    let document;
    try {
      document = parse(body.query);
    } catch (error) {
      return { answer: { status: 200, body: syntaxAnswer(error) } };
    }
    const errors = validate(this.#schema, document);
    if (errors.length > 0) {
      return { answer: { status: 200, body: validationAnswer(errors) } };
    }
    const operation = getOperationAST(document, body.operationName);
    if (!operation) {
      return { answer: { status: 200, body: { errors: [{ message: 'An operation name is required' }] } } };
    }
    const { variables, refusal } = this.#coerce(operation, body.variables ?? {});
    if (refusal) {
      return { answer: { status: 200, body: refusal } };
    }
    const prepared = { document, operation, variables, given: body.variables ?? {} };
    const roots = operation.selectionSet.selections;
    try {
      if (roots.some((node) => node.kind !== 'Field')) {
        throw new Unimplemented('a fragment at the root of an operation');
      }
      this.#coverage.check(document, operation, variables);
    } catch (error) {
      return { answer: refusalAnswer(error) };
    }
    return {
      ...prepared,
      roots: roots.map((node) => node.name.value),
      idempotencyKeys: roots.map((node) => idempotencyKeyOf(this.#schema, node, variables)).filter((key) => key !== undefined),
      requestedCost: costOf(this.#schema, document, operation, variables),
    };
  }

  // Returns { status, body, actualCost }.
  execute({ document, operation, variables, given }, context) {
    const result = execute({
      schema: this.#schema, document, operationName: operation.name?.value, variableValues: variables,
      contextValue: { ...context, variables: given },
      fieldResolver: this.#coverage.resolve, typeResolver: (record) => record.__typename, rootValue: {},
    });
    for (const { originalError, path } of result.errors ?? []) {
      if (originalError instanceof Unimplemented) {
        return { ...refusalAnswer(originalError), actualCost: 0 };
      }
      if (!(originalError instanceof VendorError)) {
        throw new Error(`at ${path?.join('.')}: ${originalError?.stack ?? result.errors[0].message}`);
      }
    }
    const errors = result.errors?.map(({ message, locations, path, originalError }) => (
      { message, locations, extensions: originalError.extensions, path }));
    return {
      status: 200,
      body: { ...(errors ? { errors } : {}), data: result.data },
      actualCost: costOf(this.#schema, document, operation, variables, result.data ?? {}),
    };
  }

  // Variables coerced one by one, so that a refusal names the variable and the place as Shopify does.
  #coerce(operation, given) {
    const variables = {};
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value;
      const type = typeFromAST(this.#schema, definition.type);
      if (!Object.hasOwn(given, name) && definition.defaultValue) {
        variables[name] = valueFromAST(definition.defaultValue, type);
        continue;
      }
      const value = given[name];
      if (value === undefined && !isNonNullType(type)) {
        continue;
      }
      const problems = [];
      const coerced = coerceInputValue(value ?? null, type, (path, _, { message }) => {
        const { explanation, path: rest } = explain(message);
        problems.push({ path: [...path, ...rest], explanation });
      });
      problems.push(...(problems.length > 0 ? [] : wrongIds(coerced, type, [])));
      if (problems.length > 0) {
        return { refusal: variableAnswer(definition, String(type), value, problems) };
      }
      variables[name] = coerced;
    }
    return { variables };
  }
}

// The schema's ID takes any text; Shopify takes global ids only.
function wrongIds(value, type, path) {
  if (value === null || value === undefined) {
    return [];
  }
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return value.flatMap((element, index) => wrongIds(element, nullable.ofType, [...path, index]));
  }
  if (isInputObjectType(nullable)) {
    return Object.entries(nullable.getFields()).flatMap(([name, field]) => wrongIds(value[name], field.type, [...path, name]));
  }
  return getNamedType(nullable).name === 'ID' && !parseGid(value) ? [{ path, explanation: `Invalid global id '${value}'` }] : [];
}

function refusalAnswer(error) {
  if (error instanceof VendorError) {
    return { status: 200, body: { errors: [{ message: error.message, extensions: error.extensions }] } };
  }
  if (error instanceof Unimplemented) {
    return { status: 501, body: { errors: error.message, unimplemented: error.what } };
  }
  throw error;
}
