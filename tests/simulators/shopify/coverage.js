// What of Shopify's schema is implemented, field by field, and the refusal of everything else before anything is executed.
//
// A subject declares its fields as { Type: { field: entry } }, an entry being
//   true                            the record's property of that name
//   (source, args, context) => ...  computed, takes no argument
//   { takes: [...], resolve }   computed, takes those arguments
// and the input objects it reads as { InputType: [field, ...] }.

import {
  TypeInfo, getNamedType, getNullableType, isAbstractType, isInputObjectType, isListType, visit, visitWithTypeInfo,
} from 'graphql';
import { getArgumentValues } from 'graphql/execution/values.js';

import { Unimplemented, VendorError } from './errors.js';
import { parseGid } from './gid.js';

export function fragmentsOf(document) {
  const fragments = document.definitions.filter((node) => node.kind === 'FragmentDefinition');
  return new Map(fragments.map((node) => [node.name.value, node]));
}

export class Coverage {
  #schema;
  #fields = {};
  #inputs = {};

  constructor(schema, subjects) {
    this.#schema = schema;
    for (const { fields = {}, inputs = {} } of subjects) {
      for (const [type, entries] of Object.entries(fields)) {
        this.#fields[type] = { ...this.#fields[type], ...entries };
      }
      Object.assign(this.#inputs, inputs);
    }
    this.#checkAgainstSchema();
  }

  // The default field resolver of the execution.
  resolve = (source, args, context, info) => {
    const entry = this.#fields[info.parentType.name]?.[info.fieldName];
    const name = `${info.parentType.name}.${info.fieldName}`;
    if (entry === undefined) {
      throw new Unimplemented(name);
    }
    if (entry === true) {
      if (source[info.fieldName] === undefined) {
        throw new Unimplemented(name, 'the seed gave no value');
      }
      return source[info.fieldName];
    }
    return (entry.resolve ?? entry)(source, args, context, info);
  };

  // Throws Unimplemented for the first field, argument or input field of the operation that is not implemented.
  check(document, operation, variables) {
    const fragments = fragmentsOf(document);
    const pending = [operation];
    const seen = new Set(pending);
    const typeInfo = new TypeInfo(this.#schema);
    while (pending.length > 0) {
      visit(pending.pop(), visitWithTypeInfo(typeInfo, {
        Field: (node) => this.#checkField(node, typeInfo.getParentType(), typeInfo.getFieldDef(), variables),
        FragmentSpread: (node) => {
          const fragment = fragments.get(node.name.value);
          if (!seen.has(fragment)) {
            seen.add(fragment);
            pending.push(fragment);
          }
        },
      }));
    }
  }

  #checkField(node, parentType, definition, variables) {
    const field = node.name.value;
    if (field.startsWith('__')) {
      return;
    }
    const types = isAbstractType(parentType)
      ? this.#schema.getPossibleTypes(parentType).filter((type) => this.#fields[type.name])
      : [parentType];
    for (const type of types) {
      const entry = this.#fields[type.name]?.[field];
      if (entry === undefined) {
        throw new Unimplemented(`${type.name}.${field}`);
      }
      this.#checkArguments(node, `${type.name}.${field}`, entry.takes ?? [], definition, variables);
    }
  }

  #checkArguments(node, name, implemented, definition, variables) {
    const values = getArgumentValues(definition, node, variables);
    for (const argument of definition.args) {
      const value = values[argument.name];
      const asked = value !== undefined && value !== null && value !== argument.defaultValue;
      if (asked && !implemented.includes(argument.name)) {
        throw new Unimplemented(`${name}(${argument.name}:)`);
      }
      this.#checkInput(value, argument.type);
    }
  }

  #checkInput(value, type) {
    if (value === undefined || value === null) {
      return;
    }
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      for (const element of Array.isArray(value) ? value : [value]) {
        this.#checkInput(element, nullable.ofType);
      }
    } else if (isInputObjectType(nullable)) {
      for (const [field, definition] of Object.entries(nullable.getFields())) {
        const asked = value[field] !== undefined && value[field] !== null && value[field] !== definition.defaultValue;
        if (asked && !this.#inputs[nullable.name]?.includes(field)) {
          throw new Unimplemented(`${nullable.name}.${field}`);
        }
        this.#checkInput(value[field], definition.type);
      }
    } else if (nullable.name === 'ID' && !parseGid(value)) {
      // Those that came by variables were refused before; this one stands in the document.
      throw new VendorError(`Invalid global id '${value}'`, 'argumentLiteralsIncompatible', { typeName: 'CoercionError' });
    }
  }

  // A field or argument that is declared here and not in the schema would be an invention.
  #checkAgainstSchema() {
    const member = (type, name) => this.#schema.getType(type)?.getFields?.()[name];
    for (const [type, entries] of Object.entries(this.#fields)) {
      for (const [field, entry] of Object.entries(entries)) {
        const definition = member(type, field);
        const unknown = (entry.takes ?? []).find((name) => !definition?.args.some((argument) => argument.name === name));
        if (!definition || unknown) {
          throw new Error(`Shopify's schema has no ${type}.${field}${unknown ? `(${unknown}:)` : ''}`);
        }
        this.#addPagingTypes(getNamedType(definition.type), entry.takes);
      }
    }
    for (const [type, fields] of Object.entries(this.#inputs)) {
      const unknown = fields.find((field) => !member(type, field));
      if (unknown) {
        throw new Error(`Shopify's schema has no ${type}.${unknown}`);
      }
    }
  }

  // Connections and edges look the same everywhere; whoever declares a paged field has declared them.
  #addPagingTypes(type, args = []) {
    if (type.name.endsWith('Connection') && args.includes('first') && !this.#fields[type.name]) {
      this.#fields[type.name] = { nodes: true, edges: true, pageInfo: true };
      this.#fields[getNamedType(type.getFields().edges.type).name] = { node: true, cursor: true };
    }
  }
}
