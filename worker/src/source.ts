/** Where a stored value comes from: a Secrets Store binding, a function, or the value itself. */
export type Source = { get(): Promise<string> } | (() => string | Promise<string>) | string
