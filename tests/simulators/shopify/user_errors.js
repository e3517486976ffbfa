// userErrors with a code: only codes that the mutation's own enum has, worded as the schema describes them unless Shopify was seen to
// word them otherwise.

export function userErrors(schema, enumName) {
  const codes = new Map(schema.getType(enumName).getValues().map(({ name, description }) => [name, description]));
  return (code, field, message = codes.get(code)) => {
    if (!codes.has(code)) {
      throw new Error(`${enumName} has no ${code}`);
    }
    return { code, field, message };
  };
}
