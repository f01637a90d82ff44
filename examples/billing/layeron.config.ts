import { project } from "@layeron/core"

export default project({
  name: "billing",
  backends: {
    api: "./src/api.ts",
    jobs: "./src/jobs.ts",
  },
})
