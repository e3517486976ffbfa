// What a query costs. Shopify documents the parts (scalar 0, object 1, connection by its size, mutation 10), not the formula; this one
// was fitted to recorded answers and gives the recorded number for four queries of five: a connection costs
// 2 + floor(2 ln n) * (what one node costs), at least 2 + one node; userErrors, pageInfo and a payload's own objects are free.

import { getNamedType, getNullableType, isAbstractType, isLeafType, isListType } from 'graphql';
import { getArgumentValues } from 'graphql/execution/values.js';

import { fragmentsOf } from './coverage.js';

const mutationCost = 10;
const connectionCost = 2;
const freeFields = /^(pageInfo|userErrors|.*UserErrors)$/;

function sizeFactor(count) {
  return count <= 0 ? 0 : Math.max(1, Math.floor(2 * Math.log(count)));
}

// The cost asked for; with `data`, the answer's, the cost that was really incurred.
export function costOf(schema, document, operation, variables, data) {
  const meter = new Meter(schema, fragmentsOf(document), variables);
  if (operation.operation === 'mutation') {
    return meter.mutations([operation.selectionSet], schema.getMutationType(), data);
  }
  return meter.selections([operation.selectionSet], schema.getQueryType(), data);
}

class Meter {
  #schema;
  #fragments;
  #variables;

  constructor(schema, fragments, variables) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  mutations(sets, type, data) {
    let total = 0;
    for (const [key, { node, sets: inner }] of this.#collect(sets, type)) {
      const payload = getNamedType(type.getFields()[node.name.value].type);
      const value = data?.[key];
      total += mutationCost;
      if (data && !value) {
        continue;
      }
      for (const [innerKey, field] of this.#collect(inner, payload)) {
        const own = isLeafType(getNamedType(payload.getFields()[field.node.name.value]?.type ?? this.#schema.getType('String'))) ? 0 : 1;
        total += Math.max(0, this.#field(field, payload, value, innerKey) - own);
      }
    }
    return total;
  }

  selections(sets, type, data) {
    // What an interface or union may be is not known beforehand: the dearest possibility counts.
    if (isAbstractType(type) && !data) {
      return Math.max(0, ...this.#schema.getPossibleTypes(type).map((possible) => this.#sum(sets, possible, data)));
    }
    return this.#sum(sets, isAbstractType(type) && data.__typename ? this.#schema.getType(data.__typename) : type, data);
  }

  #sum(sets, type, data) {
    let total = 0;
    for (const [key, field] of this.#collect(sets, type)) {
      total += this.#field(field, type, data, key);
    }
    return total;
  }

  #field({ node, sets }, type, data, key) {
    const name = node.name.value;
    const definition = type.getFields?.()[name];
    if (!definition || isLeafType(getNamedType(definition.type)) || freeFields.test(name)) {
      return 0;
    }
    const value = data?.[key];
    if (data && (value === null || value === undefined)) {
      return 0;
    }
    const named = getNamedType(definition.type);
    if (named.name.endsWith('Connection')) {
      return this.#connection(node, definition, named, sets, value);
    }
    if (isListType(getNullableType(definition.type)) && value) {
      return 1 + Math.max(0, ...value.filter(Boolean).map((element) => this.selections(sets, named, element)));
    }
    return 1 + this.selections(sets, named, value);
  }

  #connection(node, definition, named, sets, value) {
    const { first, last } = getArgumentValues(definition, node, this.#variables);
    let perNode = 0;
    let count = first ?? last ?? 0;
    for (const [key, { node: { name }, sets: inner }] of this.#collect(sets, named)) {
      const held = value?.[key];
      if (name.value === 'nodes' || name.value === 'edges') {
        count = held ? held.length : count;
        const element = getNamedType(named.getFields()[name.value].type);
        const each = (one) => (name.value === 'nodes' ? 1 + this.selections(inner, element, one) : this.selections(inner, element, one));
        perNode += held ? Math.max(0, ...held.map(each)) : each(undefined);
      }
    }
    return connectionCost + sizeFactor(count) * perNode;
  }

  // The fields selected on `type`, merged by response key as the execution merges them.
  #collect(sets, type, into = new Map()) {
    for (const set of sets) {
      for (const node of set.selections) {
        if (node.kind === 'Field') {
          const key = node.alias?.value ?? node.name.value;
          const entry = into.get(key) ?? { node, sets: [] };
          into.set(key, entry);
          if (node.selectionSet) {
            entry.sets.push(node.selectionSet);
          }
        } else {
          const fragment = node.kind === 'FragmentSpread' ? this.#fragments.get(node.name.value) : node;
          const condition = fragment.typeCondition && this.#schema.getType(fragment.typeCondition.name.value);
          if (!condition || condition === type || (isAbstractType(condition) && this.#schema.isSubType(condition, type))) {
            this.#collect([fragment.selectionSet], type, into);
          }
        }
      }
    }
    return into;
  }
}
