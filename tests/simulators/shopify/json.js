// JSON whose long integers stay exact: JSON.parse would turn the order id 820982911946154508 into ...154500. Integers of 16 digits
// and more become strings before it sees them; the strings of the text are skipped as they are.

const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function parseJson(text) {
  return JSON.parse(text.replace(tokens, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token)));
}
