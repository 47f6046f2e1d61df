export const QUOTE_RANDOM_BYTES = 16;
/** What a quote's row keeps of the path, for a person to read: the digest binds all of it, and a query may be as long as the headers. */
export const QUOTE_PATH_CHARACTERS_MAX = 200;
