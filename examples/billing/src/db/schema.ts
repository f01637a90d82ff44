import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core"

export const invoices = sqliteTable("invoices", {
  id: text("id").primaryKey(),
  cents: integer("cents").notNull(),
  keyVersion: text("key_version").notNull(),
  body: text("body").notNull(),
})
