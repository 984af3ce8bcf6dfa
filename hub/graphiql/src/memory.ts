// GraphiQL keeps questions, variables and tabs in localStorage. They may name subjects: here they end with the page.

/** A storage that forgets. */
export function memory(): Storage {
  const held = new Map<string, string>();
  return {
    get length() {
      return held.size;
    },
    clear: () => held.clear(),
    getItem: (name) => held.get(name) ?? null,
    key: (place) => [...held.keys()][place] ?? null,
    removeItem: (name) => void held.delete(name),
    setItem: (name, value) => void held.set(name, value),
  };
}
