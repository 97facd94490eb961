// SPDX-License-Identifier: Apache-2.0
// A till's side of Countermark in C# (.NET 8), without packages.
//
//     COUNTERMARK_PAIRING=123456 dotnet run -- 4850 1001 2026-11-21
//
// Amount in minor units, the till's transaction number, and the business date of the sale. The
// token is kept in COUNTERMARK_TOKEN (a file). Run it again for the same sale and it is the same
// credit.

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

var till = new Till(
    Setting("COUNTERMARK_URL", "http://127.0.0.1:8741"),
    Setting("COUNTERMARK_TOKEN", "countermark-token"),
    Setting("COUNTERMARK_REGISTER", "03"));
await till.Pair(Setting("COUNTERMARK_PAIRING", ""));
return await till.Issue(long.Parse(args[0]), args[1], args[2]);

static string Setting(string name, string otherwise) =>
    Environment.GetEnvironmentVariable(name) ?? otherwise;

sealed class Till
{
    private const int TriesMax = 20;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private readonly HttpClient _agent;
    private readonly string _tokenFile;
    private readonly string _register;

    public Till(string url, string tokenFile, string register)
    {
        _agent = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout };
        _tokenFile = tokenFile;
        _register = register;
    }

    private sealed record Answer(int Status, JsonNode Told, TimeSpan RetryAfter)
    {
        public string Text(string name) => (string?)Told[name] ?? "";
    }

    /// <summary>The bearer token: kept since the pairing, or taken up now with six digits.</summary>
    public async Task Pair(string code)
    {
        if (!File.Exists(_tokenFile))
        {
            var body = new JsonObject
            {
                ["code"] = code,
                ["timeout_ms"] = (int)Timeout.TotalMilliseconds,
            };
            var paired = await Ask(HttpMethod.Post, "/v1/pairings", body)
                ?? throw new IOException("no answer");
            if (paired.Status != 201) throw new IOException(paired.Text("detail"));
            // On Windows the folder's own rights keep it from others.
            await File.WriteAllTextAsync(_tokenFile, paired.Text("token"));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(_tokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        var token = await File.ReadAllTextAsync(_tokenFile);
        _agent.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>One credit of one sale; 0 where a word was shown.</summary>
    public async Task<int> Issue(long minor, string transaction, string businessDate)
    {
        var body = new JsonObject
        {
            ["register"] = _register,
            ["amount"] = new JsonObject { ["minor"] = minor, ["currency"] = "USD" },
            ["customer"] = new JsonObject { ["skipped"] = true },
            ["reason"] = "return",
            ["operator"] = "Ana",
            ["pos"] = new JsonObject
            {
                ["business_date"] = businessDate,
                ["transaction"] = transaction,
            },
        };
        // Made of the sale itself, so that no restart of the till can forget it.
        var key = $"{_register}-{businessDate}-{transaction}-1";
        var answer = await UntilAnswered(body, key);
        if (answer.Status is not (200 or 202 or 504))
        {
            Console.WriteLine($"{answer.Text("title")}\n{answer.Text("detail")}\n{answer.Text("hint")}");
            return 1;
        }
        // 202 and 504: recorded, not confirmed; `answer` says what it is.
        var credit = await Word(answer);
        // confirmed, voucher, pending, refused or ask-a-manager: show it as it is.
        Console.WriteLine($"{credit.Text("title")}\n{credit.Text("message")}\n{credit.Text("next")}");
        return 0;
    }

    /// <summary>Asks until there is an answer, with the same key and body each time.</summary>
    private async Task<Answer> UntilAnswered(JsonObject body, string key)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var answer = await Ask(HttpMethod.Post, "/v1/credits", body, ("Idempotency-Key", $"\"{key}\""));
            if (answer is null)
            {
                await Task.Delay(TimeSpan.FromSeconds(1)); // nothing is known: ask again
            }
            else if (answer.Status is 500 or 503 && (bool?)answer.Told["retryable"] == true)
            {
                await Task.Delay(answer.RetryAfter);
            }
            else if (answer.Status == 409 && answer.Text("code") == "looks-like" && !body.ContainsKey("distinct"))
            {
                Console.WriteLine(answer.Text("detail"));
                Console.Write("Is this another return? (y/n) ");
                if (Console.ReadLine()?.Trim().StartsWith('y') != true) return answer;
                body["distinct"] = true;
            }
            else
            {
                return answer;
            }
        }
        throw new IOException("No answer. Nothing is known of this credit: run this again for the same sale.");
    }

    /// <summary>The credit once its word is known: `answer` is null while its paper is on its way.</summary>
    private async Task<Answer> Word(Answer credit)
    {
        for (var tries = 0; credit.Told["answer"] is null && tries < TriesMax; tries++)
        {
            var own = (string)credit.Told["links"]!["self"]!;
            var path = $"{own}?seen={(long)credit.Told["revision"]!}";
            credit = await Ask(HttpMethod.Get, path, null, ("Prefer", "wait=5")) ?? credit;
        }
        return credit;
    }

    /// <summary>One call; null where no answer came.</summary>
    private async Task<Answer?> Ask(
        HttpMethod method, string path, JsonObject? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var reply = await _agent.SendAsync(request);
            var told = JsonNode.Parse(await reply.Content.ReadAsStringAsync()) ?? new JsonObject();
            var wait = reply.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
            return new Answer((int)reply.StatusCode, told, wait);
        }
        catch (Exception error) when (
            error is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
