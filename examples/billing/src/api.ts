import { backend } from "@layeron/core"
import { db } from "@layeron/modules"
import { Hono } from "hono"
import { z } from "zod"
import { invoices } from "~/db/schema"
import { sign, verify } from "~/lib/cookies"
import { linkKey, paymentKey, webhookSecret } from "~/secrets/billing"
import { sessionKey } from "~/secrets/sessions"
import { bucketToken, encryptionKey } from "~/secrets/storage"

const login = z.object({ user: z.string().min(1), password: z.string() }).strict()

const routes = new Hono().basePath("/v1")
routes.post("/login", async (c) => {
  const { user } = login.parse(await c.req.json())
  return c.text("ok", 200, { "set-cookie": `session=${await sign(user)}; HttpOnly; Secure` })
})
routes.get("/invoices/:id", async (c) => {
  if (!(await verify(c.req.header("x-session") ?? ""))) return c.text("log in first", 401)
  const row = await c.var.db.select().from(invoices).get()
  const key = await encryptionKey.version(row.keyVersion)
  return c.json({ id: row.id, bytes: (await key.bytes()).length })
})

const app = backend({ project: "billing", name: "api" })
app.use(db({ name: "main", schema: { invoices } }))
app.use(sessionKey, encryptionKey, bucketToken)
app.use(paymentKey, webhookSecret, linkKey)
app.route("/", routes)

export default app
