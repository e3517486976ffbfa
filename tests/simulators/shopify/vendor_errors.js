// graphql-js's verdicts in Shopify's words and codes, for those that were seen in recorded answers; the others keep graphql-js's words.

const rewordings = [
  [/^Cannot query field "(\w+)" on type "(\w+)"/, (field, type) => ({
    message: `Field '${field}' doesn't exist on type '${type}'`,
    extensions: { code: 'undefinedField', typeName: type, fieldName: field },
  })],
  [/^Field "(\w+)" argument "(\w+)" of type "[^"]+" is required/, (field, argument) => ({
    message: `Field '${field}' is missing required arguments: ${argument}`,
    extensions: { code: 'missingRequiredArguments', className: 'Field', name: field, arguments: argument },
  })],
  [/^Directive "@(\w+)" argument "(\w+)" of type "[^"]+" is required/, (directive, argument) => ({
    message: `Directive '${directive}' is missing required arguments: ${argument}`,
    extensions: { code: 'missingRequiredArguments', className: 'Directive', name: directive, arguments: argument },
  })],
  [/^Unknown argument "(\w+)" on field "(?:\w+)\.(\w+)"/, (argument, field) => ({
    message: `Field '${field}' doesn't accept argument '${argument}'`,
    extensions: { code: 'argumentNotAccepted', name: field, typeName: 'Field', argumentName: argument },
  })],
  [/^Field "(\w+)" is not defined by type "(\w+)"/, (field, type) => ({
    message: `InputObject '${type}' doesn't accept argument '${field}'`,
    extensions: { code: 'argumentNotAccepted', name: type, typeName: 'InputObject', argumentName: field },
  })],
  [/^Directive "@(\w+)" may not be used on (\w+)/, (directive, place) => ({
    message: `'@${directive}' can't be applied to ${place.toLowerCase()}s (allowed: fields)`,
    extensions: {},
  })],
];

export function validationAnswer(errors) {
  return { errors: errors.map((error) => ({ ...reword(error.message), locations: error.locations })) };
}

export function syntaxAnswer(error) {
  return { errors: [{ message: error.message, locations: error.locations }] };
}

// A variable whose value the schema does not allow, with the place of each problem.
export function variableAnswer(definition, typeName, value, problems) {
  const { line, column } = definition.loc.startToken;
  const where = problems.filter(({ path }) => path.length > 0).map(({ path, explanation }) => `${path.join('.')} (${explanation})`);
  return {
    errors: [{
      message: `Variable $${definition.variable.name.value} of type ${typeName} was provided invalid value${
        where.length > 0 ? ` for ${where.join(', ')}` : ''}`,
      locations: [{ line, column }],
      extensions: { code: 'INVALID_VARIABLE', value: value ?? null, problems },
    }],
  };
}

export function explain(message) {
  const unknown = /^Field "(\w+)" is not defined by type "(\w+)"/.exec(message);
  if (unknown) {
    return { explanation: `Field is not defined on ${unknown[2]}`, path: [unknown[1]] };
  }
  const missing = /^Field "(\w+)" of required type/.exec(message);
  if (missing) {
    return { explanation: 'Expected value to not be null', path: [missing[1]] };
  }
  return { explanation: /not to be null/.test(message) ? 'Expected value to not be null' : message, path: [] };
}

function reword(message) {
  for (const [pattern, words] of rewordings) {
    const match = pattern.exec(message);
    if (match) {
      return words(...match.slice(1));
    }
  }
  return { message };
}
