using InviteAdmin.Data;

namespace InviteAdmin.Tests.Data;

public sealed class FairQueueTests
{
    [Fact]
    public void Take_OneBusyKey_OthersComeFirstAndItRestsUntilReleased()
    {
        var queue = new FairQueue<int>();
        for (var i = 0; i < 10; i++) queue.Add("hot", i);
        queue.Add("cold", 100);
        var batch = queue.Take(4);
        Assert.Equal([0, 100, 1, 2], batch.Select(b => b.Item));
        Assert.Equal((7, 0), (queue.Count, queue.Ready));
        queue.Add("hot", 10);
        queue.Add("new", 200);
        Assert.Equal((9, 1), (queue.Count, queue.Ready));
        Assert.Equal([200], queue.Take(4).Select(b => b.Item));
        queue.Release(batch.Select(b => b.Key));
        Assert.Equal((8, 8), (queue.Count, queue.Ready));
        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], queue.Take(100).Select(b => b.Item));
        Assert.Equal((0, 0), (queue.Count, queue.Ready));
    }

    [Fact]
    public void Release_KeyThatWasAddedAgain_TakesItsTurnOnce()
    {
        var queue = new FairQueue<int>();
        queue.Add("a", 1);
        var batch = queue.Take(10);
        queue.Add("a", 2);
        queue.Release(batch.Select(b => b.Key));
        queue.Release(batch.Select(b => b.Key));
        Assert.Equal([2], queue.Take(10).Select(b => b.Item));
        Assert.Empty(queue.Take(10));
    }
}
