const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** As we print them; what is no id names nothing, and PostgreSQL is not asked. */
export const isUuid = (text: string): boolean => UUID.test(text);
