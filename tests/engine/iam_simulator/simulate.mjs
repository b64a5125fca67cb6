// Reads a list of simulations (JSON) from standard input and prints the list of their results.
import { runSimulation } from '@cloud-copilot/iam-simulate'

// The simulator knows kms:EncryptionContext:${key} for keys without a colon only; AWS's own have colons. A request's tag
// is the other kind of key that any name may follow, so both documents and requests are rewritten to that. Of GitHub's
// tokens its list has the claims that few others have; aud and sub, which every issuer has, only for some issuers.
const renamed = (text) =>
  text
    .replace(/kms:EncryptionContext:([A-Za-z0-9:]+)/g, (_, key) => `aws:RequestTag/${key.replaceAll(':', '-')}`)
    .replace(/token\.actions\.githubusercontent\.com:(aud|sub)"/g, 'accounts.google.com:$1"')

const read = await new Promise((resolve) => {
  let text = ''
  process.stdin.on('data', (part) => (text += part)).on('end', () => resolve(text))
})
const results = []
for (const simulation of JSON.parse(renamed(read))) {
  const result = await runSimulation(simulation, {})
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors))
  results.push(result.overallResult)
}
console.log(JSON.stringify(results))
