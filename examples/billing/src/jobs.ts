import { backend, cron } from "@layeron/core"
import { DurableObject } from "cloudflare:workers"
import overdue from "~/db/overdue.sql"
import { numberSeed, webhookSecret } from "~/secrets/billing"
import { encryptionKey } from "~/secrets/storage"

export class Dunning extends DurableObject {
  async alarm() {
    const secret = await webhookSecret.current()
    await this.ctx.storage.sql.exec(overdue, Date.now())
    await fetch("https://example.com/hook", { method: "POST", headers: { "x-secret": await secret.text() } })
  }
}

const app = backend({ project: "billing", name: "jobs" })
app.use(encryptionKey, webhookSecret, numberSeed)
app.use(cron("dunning", { schedule: "0 6 * * *" }))

export default app
