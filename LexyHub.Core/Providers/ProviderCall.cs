namespace LexyHub.Core.Providers;

/// <summary>
/// What the gate below the SDK needs to know of the call that it lets through. It flows with the async call, because the SDK
/// between passes nothing on.
/// </summary>
internal class ProviderCall : IDisposable
{
    private static readonly AsyncLocal<ProviderCall?> s_current = new();

    private readonly CancellationTokenSource _cancel;
    private readonly CancellationTokenRegistration _onStopping;
    private int _requests;
    private volatile bool _isOnTheWay;

    /// <param name="stopping">Once cancelled, no try begins any more.</param>
    /// <param name="givenUp">Once cancelled, nobody waits for the answer.</param>
    public ProviderCall(double tokens, bool canBeDivided, CancellationToken stopping, CancellationToken givenUp)
    {
        Tokens = tokens;
        CanBeDivided = canBeDivided;
        Stopping = stopping;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(givenUp);

        // A wait between two tries is not worth the grace that an answer under way gets.
        _onStopping = stopping.UnsafeRegister(static state =>
        {
            var call = (ProviderCall)state!;
            if (!call._isOnTheWay)
                call._cancel.Cancel();
        }, this);
    }

    public static ProviderCall? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>As the service is likely to count them against its limit.</summary>
    public double Tokens { get; }

    /// <summary>False for a single text.</summary>
    public bool CanBeDivided { get; }

    public CancellationToken Stopping { get; }

    /// <summary>Cancelled when nobody waits for the answer any more.</summary>
    public CancellationToken GivenUp => _cancel.Token;

    /// <summary>Sent so far, repetitions included.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Waits for the memory that a successful answer needs.</summary>
    public virtual ValueTask TakeRoomAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>As <see cref="IHttpAttempt.ReadBodyAsync"/>.</summary>
    public virtual async ValueTask ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
        => await response.Content.LoadIntoBufferAsync(maxBytes, cancellationToken);

    public void Begin()
    {
        Interlocked.Increment(ref _requests);
        _isOnTheWay = true;
    }

    /// <param name="isDone">True where no other try will follow.</param>
    public void End(bool isDone)
    {
        _isOnTheWay = isDone;
        if (!isDone && Stopping.IsCancellationRequested)
            _cancel.Cancel();
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _onStopping.Dispose();
        _cancel.Dispose();
    }
}
